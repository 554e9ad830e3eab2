import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import type { Forward } from '../policy/cache-status.ts';
import { ttlAt } from '../policy/reuse.ts';
import { conditions } from '../policy/validation.ts';
import type { Entry } from '../store/store.ts';
import { Asker, type Landing } from './asker.ts';
import type { Edge } from './edge.ts';
import { type Exchange, lookAgain, type Turn } from './exchange.ts';
import type { Flight } from './flight.ts';
import type { FlightOrder } from './flight-order.ts';
import { storedFields } from './head-fields.ts';
import { fetchOutbound } from './outbound.ts';

type Wanted = { readonly stale: Entry | undefined; readonly fwd: Forward };

/** Fetches, or shares a fetch that is on its way. */
export async function fetch(x: Exchange, edge: Edge, wanted: Wanted): Promise<Turn> {
  const asker = new Asker(x.fields, x.takesInterim ? interimOf(x) : undefined);
  const joined = joinable(x, edge, asker);
  joined?.join(asker);
  const flight = joined ?? edge.flights.begin(orderOf(x, wanted.stale, false), asker);
  const leave = () => flight.leave(asker);
  x.response.once('close', leave);
  const landing = await asker.landing;
  x.response.off('close', leave);
  return landed(x, edge, landing, { ...wanted, isCollapsed: joined !== undefined });
}

/** Refreshes a stored response that was just given out stale, unless that is under way. */
export function refreshBehind(x: Exchange, edge: Edge, stale: Entry): void {
  if (edge.flights.isReplacing(stale)) return;
  edge.counters.refreshes += 1;
  edge.flights.begin(orderOf(x, stale, true), undefined);
}

function joinable(x: Exchange, edge: Edge, asker: Asker): Flight | undefined {
  // A client that wants news does not want what was asked for before it came.
  if (x.isAlone || x.directives.noCache || x.directives.noStore) return undefined;
  return edge.flights.find(x.key, x.lane, asker, edge.store.peek(x.key)[0]?.vary);
}

function orderOf(x: Exchange, stale: Entry | undefined, isBackground: boolean): FlightOrder {
  const isHead = x.method === 'HEAD' && !isBackground;
  const asked = stale === undefined || isHead ? [] : conditions(storedFields(stale));
  return {
    key: x.key,
    resource: x.resource,
    lane: x.lane,
    request: { method: isHead ? 'HEAD' : 'GET', fields: x.fields, directives: x.directives },
    view: () => x.view,
    outbound: fetchOutbound(x, asked),
    stale,
    isConditional: asked.length > 0,
    isBackground,
    isShared: isBackground || !(isHead || x.isAlone || x.directives.noStore),
  };
}

function interimOf(x: Exchange) {
  return (status: number, fields: readonly string[]) => {
    if (!x.response.headersSent && !x.isOver) x.response.writeInformation(status, endToEnd(fields));
  };
}

type Circumstances = Wanted & { readonly isCollapsed: boolean };

function landed(x: Exchange, edge: Edge, landing: Landing, { fwd, isCollapsed }: Circumstances): Turn {
  const collapsed = isCollapsed || undefined;
  switch (landing.is) {
    case 'streamed': {
      const outcome = { fwd, stored: landing.isStored, collapsed, detail: landing.why };
      return { step: 'deliver', answer: { from: 'origin', streamed: landing, outcome } };
    }
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
      return lookAgain(x, landing.isAlone);
    case 'left':
      return { step: 'done' };
  }
}
