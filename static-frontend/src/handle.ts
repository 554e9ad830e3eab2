/** What becomes of a request, from top to bottom. Each step decides by plain data and says what comes next. */

import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { notForFiles } from '@trivet/kit/files/reply.ts';
import { sendHead } from '@trivet/kit/files/send.ts';
import { wantedCodings } from '@trivet/kit/files/wanted-codings.ts';
import { note } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Handler } from '@trivet/kit/http1/listener.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { encodePath } from '@trivet/kit/semantics/path.ts';
import type { RouteHeaders } from './define-site.ts';
import { answerError, refusalOf } from './error-answer.ts';
import { findFile } from './files/find.ts';
import { serveFile } from './files/serve.ts';
import { serveListing } from './files/serve-listing.ts';
import { type Exchange, type Front, type Live, ownFields } from './front.ts';
import { lacksGuardedSlash } from './guard/guarded-folder.ts';
import type { Guard } from './guard/guards.ts';
import { letIn } from './guard/let-in.ts';
import { refuseAmbiguous } from './guard/other-readings.ts';
import { stageOfRequest } from './guard/stage.ts';
import { ownAnswer } from './own-answer.ts';
import { forward } from './proxy/forward.ts';
import { hopsLeft } from './proxy/outbound.ts';
import { readPath } from './read-path.ts';
import { speakOfTheExchange } from './response-rules.ts';
import { returnStatus } from './return-status.ts';
import { type Destination, route, withQuery } from './route.ts';

/** The handler of this tier: every request gets an answer, an error page if need be. */
export function handler(live: Live): Handler {
  return async (inbound, response) => {
    const { front } = live;
    let exchange: Exchange = { inbound, response };
    let headers: RouteHeaders = {};
    try {
      // 1. A question about the server itself is answered by the server.
      if (isAboutUs(inbound)) return answerForUs(front, exchange);

      // 2. One reading of the path decides all that follows; a path that no two readers agree on is refused.
      const { asked, target } = readPath(front.site, inbound.target);

      // 3. The first route that matches.
      const destination = route(front.site.routes, asked);
      headers = destination.headers;
      const guard = front.guards.get(destination.route);
      exchange = { ...exchange, rules: destination.route?.response, isPrivate: guard?.isPrivate === true };

      // 4. What guards it lets the request in, or refuses it; no other spelling leads past it. Who has left needs no answer.
      if (lacksGuardedSlash(front, asked, destination.route)) return withSlash(front, exchange, asked, {});
      const admitted = await admit(front, exchange, guard);
      if (admitted === undefined) return;
      exchange =
        target === inbound.target ? admitted : { ...admitted, inbound: { ...inbound, target }, isRewritten: true };

      // 5. It leads elsewhere, to a file, to the app.
      await follow(front, exchange, asked, destination);
    } catch (error) {
      // 6. What broke or is not there is said on a page.
      await answerError(front, exchange, refusalOf(error), headers);
    }
  };
}

// Asked about what the client asked for, not about what the site makes of it.
async function admit(front: Front, exchange: Exchange, guard: Guard | undefined): Promise<Exchange | undefined> {
  if (guard === undefined) return exchange;
  const admission = await letIn(front, stageOfRequest(exchange), guard);
  return admission.verdict === 'left' ? undefined : { ...exchange, vouched: admission.vouched };
}

async function follow(front: Front, exchange: Exchange, asked: RoutedPath, destination: Destination): Promise<void> {
  const { headers } = destination;
  switch (destination.to) {
    case 'nowhere':
      throw nothingHere(exchange, 'no route');
    case 'redirect':
      return redirect(front, exchange, destination);
    case 'status':
      return await returnStatus(front, exchange, destination.status, headers);
    case 'proxy':
      refuseAmbiguous(front, asked, destination.route);
      return await forward(front, exchange, destination);
    case 'files': {
      const wanted = wantedCodings(field(exchange.inbound.fields, 'accept-encoding'));
      const finding = await findFile(front.openFiles ?? front.root, destination.files, asked, wanted);
      switch (finding.found) {
        case 'file':
          await serveFile(front, exchange, finding.file, headers);
          if (!mayBeHot(front, exchange, destination)) return;
          return front.hotFiles?.served({
            ...{ asked, files: destination.files, headers, wanted, file: finding.file },
            rules: exchange.rules,
          });
        case 'folder':
          return await toFolder(front, exchange, asked, headers);
        case 'listing':
          return await serveListing(front, exchange, { name: finding.name, path: asked.path }, headers);
        case 'app':
          refuseAmbiguous(front, asked, destination.route);
          return await forward(front, exchange, { ask: finding.ask, headers });
        case 'status':
          return await returnStatus(front, exchange, finding.status, headers);
        case 'nothing':
          throw nothingHere(exchange, finding.why);
      }
    }
  }
}

// The fast lane goes by the path of the target alone: it asks no guard, and knows of no rewriting. Its heads are kept
// without what is said of each exchange.
function mayBeHot({ guards }: Front, { isRewritten, rules }: Exchange, { route }: Destination): boolean {
  return isRewritten !== true && !guards.has(route) && !(rules !== undefined && speakOfTheExchange(rules));
}

const nosniff = ['X-Content-Type-Options', 'nosniff'];

type Redirect = { readonly status: number; readonly location: string; readonly headers: RouteHeaders };

function redirect(front: Front, exchange: Exchange, { status, location, headers }: Redirect): void {
  const fields = ['Location', location, 'Content-Length', '0', ...nosniff];
  sendHead(exchange.response, ownAnswer(front, exchange, { status, fields }, headers));
}

// Without host and scheme: those of a front behind others are not what the client sees.
async function toFolder(front: Front, exchange: Exchange, asked: RoutedPath, headers: RouteHeaders): Promise<void> {
  const { method } = exchange.inbound;
  if (method !== 'GET' && method !== 'HEAD') return await answerError(front, exchange, notForFiles, headers);
  withSlash(front, exchange, asked, headers);
}

function withSlash(front: Front, exchange: Exchange, { path, query }: RoutedPath, headers: RouteHeaders): void {
  redirect(front, exchange, { status: 301, location: withQuery(`${encodePath(path)}/`, query), headers });
}

// RFC 9110 §9.3.7 and §7.6.2: `OPTIONS *`, and an OPTIONS that may go no further.
function isAboutUs(inbound: Inbound): boolean {
  return inbound.target === '*' || hopsLeft(inbound) === 0;
}

function answerForUs(front: Front, { inbound, response }: Exchange): void {
  sendHead(response, { status: 204, fields: [...nosniff, ...ownFields(front, inbound)] });
}

// The log says what was looked for and why it was not given; the page does not, or it would tell what is on the disk.
function nothingHere({ response }: Exchange, why: string): Fault {
  note(response, { why });
  return new Fault('not-found', 'there is nothing of this name here');
}
