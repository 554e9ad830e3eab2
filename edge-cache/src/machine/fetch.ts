import { field } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import type { CacheOutcome, Forward } from '../policy/cache-status.ts';
import type { Held } from '../policy/finding.ts';
import { type Assembly, fits, rangeOf, rangeToAsk } from '../policy/parts.ts';
import { ttlAt } from '../policy/reuse.ts';
import { conditions } from '../policy/validation.ts';
import type { Entry } from '../store/store.ts';
import { Asker, type Landing, type Streamed } from './asker.ts';
import type { Edge } from './edge.ts';
import { type Exchange, lookAgain, type Turn, type Wanted } from './exchange.ts';
import type { Flight } from './flight.ts';
import type { FlightOrder } from './flight-order.ts';
import { storedFields } from './head-fields.ts';
import { fetchOutbound } from './outbound.ts';

/** Fetches, or shares a fetch that is on its way. */
export async function fetch(x: Exchange, edge: Edge, wanted: Wanted): Promise<Turn> {
  const asker = new Asker(x.fields, x.takesInterim ? interimOf(x, edge) : undefined);
  const joined = joinable(x, edge, { asker, part: partOf(x, wanted).name });
  joined?.join(asker);
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
  const vary = edge.store.peek(key)[0]?.vary;
  // A part can be cut from the whole that is on its way.
  const whole = edge.flights.find({ key, lane, part: '' }, asker, vary);
  return whole ?? (part === '' ? undefined : edge.flights.find({ key, lane, part }, asker, vary));
}

/** What is asked for when not all of it is: fields for the origin, and a name for those who want the same. */
type AskedPart = { readonly name: string; readonly range: string | undefined; readonly fields: readonly string[] };

const all: AskedPart = { name: '', range: undefined, fields: [] };

function partOf(x: Exchange, { stale, fill }: Wanted): AskedPart {
  if (fill?.missing !== undefined) return askedPart(rangeOf({ missing: fill.missing, size: fill.size }), fill.etag);
  // What is stored as a whole is renewed as a whole, and who got a part that was of no use asks for the whole.
  const range = stale === undefined && x.restarts === 0 ? rangeToAsk(x.method, x.fields) : undefined;
  return range === undefined ? all : askedPart(range, field(x.fields, 'if-range'));
}

function askedPart(range: string, condition: string | undefined): AskedPart {
  const fields = ['Range', range, ...(condition === undefined ? [] : ['If-Range', condition])];
  return { name: fields.join(' '), range, fields };
}

function orderOf(x: Exchange, edge: Edge, wanted: Wanted): FlightOrder {
  const isHead = x.method === 'HEAD';
  const { stale } = wanted;
  const part = partOf(x, wanted);
  const asked = stale === undefined || isHead ? [] : conditions(storedFields(stale));
  return {
    ...common(x, edge),
    part: part.name,
    request: { method: isHead ? 'HEAD' : 'GET', fields: x.fields, directives: x.directives, range: part.range },
    outbound: fetchOutbound(x, [...asked, ...part.fields]),
    stale,
    isConditional: asked.length > 0,
    isBackground: false,
    isShared: !(isHead || x.isAlone || x.directives.noStore),
  };
}

function refreshOrder(x: Exchange, edge: Edge, stale: Entry): FlightOrder {
  const asked = conditions(storedFields(stale));
  return {
    ...common(x, edge),
    part: '',
    request: { method: 'GET', fields: x.fields, directives: x.directives },
    outbound: { ...fetchOutbound(x, asked), method: 'GET' },
    stale,
    isConditional: asked.length > 0,
    isBackground: true,
    isShared: true,
  };
}

function common(
  x: Exchange,
  edge: Edge,
): Pick<FlightOrder, 'key' | 'resource' | 'lane' | 'view' | 'rules' | 'sinceBan'> {
  return {
    key: x.key,
    resource: x.resource,
    lane: x.lane,
    view: () => x.view,
    rules: x.rules,
    sinceBan: edge.bans.newest,
  };
}

function interimOf(x: Exchange, edge: Edge) {
  return (status: number, fields: readonly string[]) => {
    if (x.response.headersSent || x.isOver) return;
    edge.counters.fetched.interim += 1;
    x.response.writeInformation(status, endToEnd(fields));
  };
}

type Forwarded = Extract<CacheOutcome, { fwd: Forward }>;

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
    case 'streamed': {
      const outcome = { fwd, stored: landing.isStored, collapsed, detail: landing.why };
      if (fill !== undefined) return filled(x, landing, fill, outcome);
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
