import { Fault } from '@trivet/kit/semantics/fault.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { mayStandIn } from '../policy/arrival.ts';
import type { CacheOutcome, Forward } from '../policy/cache-status.ts';
import type { Held } from '../policy/finding.ts';
import { type Assembly, fits } from '../policy/parts.ts';
import { ttlAt } from '../policy/reuse.ts';
import type { Entry } from '../store/store.ts';
import { Asker, type Landing, type Streamed } from './asker.ts';
import type { Edge } from './edge.ts';
import { type Exchange, lookAgain, type Turn, type Wanted } from './exchange.ts';
import type { Flight } from './flight.ts';
import { orderOf, partOf, refreshOrder } from './orders.ts';

/** Fetches, or shares a fetch that is on its way. */
export async function fetch(x: Exchange, edge: Edge, wanted: Wanted): Promise<Turn> {
  const asker = new Asker(x.fields, x.takesInterim ? interimOf(x, edge) : undefined, x.directives);
  const joined = joinable(x, edge, { asker, part: partOf(x, wanted).name });
  if (joined !== undefined && !edge.flights.join(joined, asker, patience(x, edge))) return crowded(x, edge, wanted);
  const flight = joined ?? edge.flights.begin(orderOf(x, edge, wanted), asker);
  const leave = () => flight.leave(asker);
  x.response.once('close', leave);
  if (joined !== undefined) edge.counters.waits += 1;
  const landing = await asker.landing;
  x.response.off('close', leave);
  if (joined !== undefined) edge.counters.wakeups += 1;
  return landed(x, edge, landing, { ...wanted, isCollapsed: joined !== undefined });
}

/** Refreshes a stored response that was just given out stale, unless that is under way. */
export function refreshBehind(x: Exchange, edge: Edge, stale: Entry): void {
  if (edge.flights.isReplacing(stale)) return;
  edge.counters.refreshes += 1;
  edge.flights.begin(refreshOrder(x, edge, stale), undefined);
}

type Joining = { readonly asker: Asker; readonly part: string };

function joinable(x: Exchange, edge: Edge, { asker, part }: Joining): Flight | undefined {
  // A client that wants news does not want what was asked for before it came.
  if (x.isAlone || x.directives.noCache || x.directives.noStore) return undefined;
  const { key, lane } = x;
  if (!edge.flights.isUnderWay(key)) return undefined;
  const vary = edge.store.peek(key)[0]?.vary;
  // A part can be cut from the whole that is on its way.
  const whole = edge.flights.find({ key, lane, part: '' }, asker, vary);
  return whole ?? (part === '' ? undefined : edge.flights.find({ key, lane, part }, asker, vary));
}

// One budget for all the fetches of others that a request may come to wait for.
function patience(x: Exchange, edge: Edge): number {
  x.patienceUntil ??= edge.clock() + edge.coalescing.waitMs;
  return x.patienceUntil;
}

/** So many wait already that one more is answered at once: stale where that may be, else with 503. */
function crowded(x: Exchange, edge: Edge, wanted: Wanted): Turn {
  const { stale } = wanted;
  const failure = new Fault('queue-full', `${edge.coalescing.queue} requests wait for this answer already`);
  const landing: Landing =
    stale !== undefined && mayStandIn(stale.life, edge.clock())
      ? { is: 'stale', entry: stale, failure }
      : { is: 'fault', fault: failure };
  return landed(x, edge, landing, { ...wanted, isCollapsed: false });
}

function interimOf(x: Exchange, edge: Edge) {
  return (status: number, fields: readonly string[]) => {
    if (x.response.headersSent || x.isOver) return;
    edge.counters.fetched.interim += 1;
    x.response.writeInformation(status, endToEnd(fields));
  };
}

type Forwarded = Extract<CacheOutcome, { fwd: Forward }>;

function streamed(x: Exchange, landing: Streamed, { fwd, fill, isCollapsed }: Omit<Circumstances, 'stale'>): Turn {
  const detail = landing.why ?? (x.hasWaited ? 'coalesce-wait' : undefined);
  const outcome = { fwd, stored: landing.isStored, collapsed: isCollapsed || undefined, detail };
  if (fill !== undefined) return filled(x, landing, fill, outcome);
  return { step: 'deliver', answer: { from: 'origin', streamed: landing, outcome } };
}

/** The piece that was missing has come, or something else in its place. */
function filled(x: Exchange, gap: Streamed, fill: Assembly<Held<Entry>>, outcome: Forwarded): Turn {
  const { status } = gap;
  if (status === 206 && fits(fill, gap.fields)) {
    const fwdStatus = fill.as === 'whole' ? 206 : undefined;
    return { step: 'deliver', answer: { from: 'parts', ...fill, gap, outcome: { ...outcome, fwdStatus } } };
  }
  if (status !== 206 && status !== 416) return { step: 'deliver', answer: { from: 'origin', streamed: gap, outcome } };
  // It is no longer the same representation: what is stored of it is of no use.
  gap.reader.close();
  x.ignoresParts = true;
  return lookAgain(x, false);
}

type Circumstances = Wanted & { readonly isCollapsed: boolean };

function landed(x: Exchange, edge: Edge, landing: Landing, { fwd, fill, isCollapsed }: Circumstances): Turn {
  const collapsed = isCollapsed || undefined;
  switch (landing.is) {
    case 'streamed':
      return streamed(x, landing, { fwd, fill, isCollapsed });
    case 'renewed': {
      const outcome = { fwd, fwdStatus: 304, stored: true, collapsed };
      return { step: 'deliver', answer: { from: 'store', entry: landing.entry, outcome } };
    }
    case 'stale': {
      const { entry, failure } = landing;
      const fwdStatus = typeof failure === 'number' ? failure : undefined;
      const ttl = ttlAt(entry.life, edge.clock());
      const outcome = { fwd, fwdStatus, ttl, collapsed, detail: 'stale-if-error' };
      return { step: 'deliver', answer: { from: 'store', entry, outcome } };
    }
    case 'fault':
      return { step: 'synth', page: { as: 'fault', fault: landing.fault, fwd } };
    case 'again':
      if (landing.why === 'coalesce-wait') x.hasWaited = true;
      return lookAgain(x, landing.isAlone);
    case 'left':
      return { step: 'done' };
  }
}
