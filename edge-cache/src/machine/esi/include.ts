import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { Include } from '../../policy/esi/tag.ts';
import { includeTarget } from '../../policy/esi/target.ts';
import { Conduit, type ConduitHead } from '../conduit.ts';
import { codingsOf, decoded } from '../decoded.ts';
import type { Edge } from '../edge.ts';
import type { Exchange } from '../exchange.ts';
import { begin, fragmentOf } from './fragment.ts';
import { type Nesting, nameOf } from './nesting.ts';

/** What includes are made in: the answer that has the markup. */
export type Host = {
  readonly x: Exchange;
  readonly edge: Edge;
  readonly nesting: Nesting;
  /** Is told of every conduit, and releases it when nobody reads of it any more. */
  keep(conduit: Conduit): void;
};

/** The bytes that stand in place of an include: those that are here, then those that come. */
export type Embedded = { readonly here: readonly Buffer[]; readonly rest: AsyncIterator<Buffer> };

type Attempt =
  | { readonly is: 'embedded'; readonly embedded: Embedded }
  /** The edge does not ask for it. */
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'failed'; readonly fault: Fault };

/** As much of a fragment that something can stand in for is read before any of it is sent; bytes. */
const PROBATION_BYTES = 64 * 1024;

/**
 * Asks for what an include names, then for its `alt`. Undefined: nothing is to be embedded, for it said
 * `onerror="continue"` or because the edge asks for nothing of the kind. Rejects with the fault of an include that failed:
 * without it the page would be another one.
 */
export async function included({ src, alt, isOptional }: Include, host: Host): Promise<Embedded | undefined> {
  const first = await tried(src, { ...host, isReplaceable: isOptional || alt !== undefined });
  if (first.is === 'embedded') return first.embedded;
  const last = alt === undefined || host.x.isOver ? first : await tried(alt, { ...host, isReplaceable: isOptional });
  if (last.is === 'embedded') return last.embedded;
  const failure = [last, first].find((attempt) => attempt.is === 'failed');
  if (failure !== undefined && !isOptional) throw failure.fault;
  return undefined;
}

function report(reference: string, attempt: Exclude<Attempt, { is: 'embedded' }>, { x, edge }: Host): void {
  if (x.isOver) return;
  edge.counters.fragmentFailures += 1;
  const why = attempt.is === 'refused' ? attempt.why : attempt.fault.message;
  edge.log.debug({ id: x.inbound.id, reference, why }, `an include is ${attempt.is}`);
}

/** `isReplaceable`: its failure need not be the page's. */
type Way = Host & { readonly isReplaceable: boolean };

async function tried(reference: string, way: Way): Promise<Attempt> {
  const attempt = await attempted(reference, way);
  if (attempt.is !== 'embedded') report(reference, attempt, way);
  return attempt;
}

async function attempted(reference: string, way: Way): Promise<Attempt> {
  const { x, edge, nesting } = way;
  const { host, target } = x.inbound;
  const asked = includeTarget(reference, { host, target }, edge.esi.hosts);
  if (asked.verdict === 'refused') return { is: 'refused', why: asked.why };
  const fragment = fragmentOf(x, edge, { asked, nesting });
  const why = beyond(fragment, way);
  if (why !== undefined) return { is: 'refused', why };
  nesting.tally.fragments += 1;
  edge.counters.fragments += 1;
  begin(fragment, edge);
  return await brought(fragment, way);
}

/** Which limit it is beyond. */
function beyond({ resource }: Exchange, { edge, nesting }: Host): 'depth' | 'count' | 'loop' | undefined {
  if (nesting.depth >= edge.esi.depth) return 'depth';
  if (nesting.tally.fragments >= edge.esi.includes) return 'count';
  return nesting.line.includes(nameOf('GET', resource)) ? 'loop' : undefined;
}

async function brought({ response, resource }: Exchange, way: Way): Promise<Attempt> {
  if (!(response instanceof Conduit)) throw new TypeError('a fragment is delivered into something else');
  way.keep(response);
  try {
    const head = await response.head;
    if (head === undefined) throw response.fault ?? new Fault('internal', 'a fragment without a head');
    const body = content(head, response, resource.path);
    const here = way.isReplaceable ? await onProbation(body) : [];
    return { is: 'embedded', embedded: { here, rest: body } };
  } catch (error) {
    response.release();
    return { is: 'failed', fault: toFault(error) };
  }
}

/** The body as it is embedded; throws when there is none that could be. */
function content({ status, fields }: ConduitHead, conduit: Conduit, path: string): AsyncIterator<Buffer> {
  // A redirect is for a client; and a part was not asked for.
  if (status < 200 || status > 299 || status === 206) {
    throw new Fault('bad-response', `the fragment ${path} was answered ${status}`);
  }
  const codings = codingsOf(fields);
  if (codings === undefined) throw new Fault('bad-response', `the coding of the fragment ${path} is not known`);
  return decoded(conduit.body(), codings)[Symbol.asyncIterator]();
}

/** Reads all of it, or so much that waiting for the rest would be no service to the page. */
async function onProbation(body: AsyncIterator<Buffer>): Promise<Buffer[]> {
  const here: Buffer[] = [];
  for (let bytes = 0; bytes < PROBATION_BYTES; ) {
    const { done, value } = await body.next();
    if (done) break;
    here.push(value);
    bytes += value.length;
  }
  return here;
}
