import { answerPage, closes, note } from '@trivet/kit/http1/answer.ts';
import { type Fault, faultFields } from '@trivet/kit/semantics/fault.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import type { Page } from '../define-policy.ts';
import { applied } from '../edit.ts';
import { builtIn } from '../policy/built-in.ts';
import { conclude, ownFields } from './conclude.ts';
import type { Edge } from './edge.ts';
import type { Exchange, Synthesis, Turn } from './exchange.ts';

const via = ['Via', '1.1 edge-cache'];

/** Answers by itself: a page for an error, or whatever the policy makes of it. */
export async function synth(x: Exchange, edge: Edge, page: Synthesis): Promise<Turn> {
  if (page.as === 'fault') fault(x, edge, page.fault, page.fwd);
  else if (page.as === 'bare') bare(x, edge, page.status, page.why);
  else plain(x, edge, page);
  return { step: 'done' };
}

function fault(x: Exchange, edge: Edge, fault: Fault, fwd: (Synthesis & { as: 'fault' })['fwd']): void {
  const detail = fault.reason;
  const outcome = fwd === undefined ? { detail } : { fwd, detail };
  if (x.response.headersSent) return answerPage(x.inbound, x.response, { tier: 'edge-cache', fault, fields: [] });
  const fields = [...via, ...conclude(x, edge, fault.status, outcome)];
  const own = ownPage(x, edge, fault.status);
  if (own === undefined) return answerPage(x.inbound, x.response, { tier: 'edge-cache', fault, fields });
  note(x.response, { fault });
  if (closes(fault)) x.response.shouldKeepAlive = false;
  send(x, edge, own, { status: fault.status, fields: [...fields, ...faultFields('edge-cache', fault)] });
}

function plain(x: Exchange, edge: Edge, { status, why, headers = {}, body }: Synthesis & { as: 'page' }): void {
  const fields = [...via, ...conclude(x, edge, status, { detail: why })];
  const own = body === undefined ? ownPage(x, edge, status) : { body };
  if (own !== undefined) return send(x, edge, { ...own, headers: { ...own.headers, ...headers } }, { status, fields });
  const report = {
    tier: 'edge-cache',
    status,
    reason: why,
    message: reasonPhrase(status),
    requestId: x.inbound.id,
  } as const;
  const page = builtIn.synth(report, field(x.inbound.fields, 'accept'));
  const head = applied({ set: headers }, page.fields);
  x.response.writeHead(status, [...head, ...fields, ...ownFields(x, edge)]);
  x.response.end(page.body);
}

function bare(x: Exchange, edge: Edge, status: number, why: string): void {
  const fields = ['Content-Length', '0', 'Cache-Control', 'no-store', ...via];
  x.response.writeHead(status, [...fields, ...conclude(x, edge, status, { detail: why }), ...ownFields(x, edge)]);
  x.response.end();
}

/** The policy's page; when its hook fails, that is logged and the built-in page goes out. */
function ownPage(x: Exchange, edge: Edge, status: number): Page | undefined {
  try {
    return x.rules.synth(status, x.view);
  } catch (error) {
    edge.log.error({ err: error, id: x.inbound.id }, 'the policy has no page for an error');
    return undefined;
  }
}

type Head = { readonly status: number; readonly fields: readonly string[] };

function send(x: Exchange, edge: Edge, page: Page, { status, fields }: Head): void {
  const body = Buffer.from(page.body);
  const own = Object.entries({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    ...page.headers,
  });
  const head = [...own.flat(), 'Content-Length', String(body.length), ...fields, ...ownFields(x, edge)];
  x.response.writeHead(page.status ?? status, head);
  x.response.end(body);
}
