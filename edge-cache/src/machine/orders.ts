/** What fetches are made for requests. */
import { field } from '@trivet/kit/semantics/fields.ts';
import { rangeOf, rangeToAsk } from '../policy/parts.ts';
import { conditions } from '../policy/validation.ts';
import type { Entry } from '../store/store.ts';
import type { Edge } from './edge.ts';
import type { Exchange, Wanted } from './exchange.ts';
import type { FlightOrder } from './flight-order.ts';
import { storedFields } from './head-fields.ts';
import { fetchOutbound } from './outbound.ts';

/** What is asked for when not all of it is: fields for the origin, and a name for those who want the same. */
type AskedPart = { readonly name: string; readonly range: string | undefined; readonly fields: readonly string[] };

const all: AskedPart = { name: '', range: undefined, fields: [] };

/** Which part of a response a request needs, if it does not need all. */
export function partOf(x: Exchange, { stale, fill }: Wanted): AskedPart {
  if (fill?.missing !== undefined) return askedPart(rangeOf({ missing: fill.missing, size: fill.size }), fill.etag);
  // What is stored as a whole is renewed as a whole, and who got a part that was of no use asks for the whole.
  const range = stale === undefined && x.restarts === 0 ? rangeToAsk(x.method, x.fields) : undefined;
  return range === undefined ? all : askedPart(range, field(x.fields, 'if-range'));
}

function askedPart(range: string, condition: string | undefined): AskedPart {
  const fields = ['Range', range, ...(condition === undefined ? [] : ['If-Range', condition])];
  return { name: fields.join(' '), range, fields };
}

/** A fetch for a request that is waiting. */
export function orderOf(x: Exchange, edge: Edge, wanted: Wanted): FlightOrder {
  const isHead = x.method === 'HEAD';
  const method = isHead ? 'HEAD' : 'GET';
  const { stale } = wanted;
  const part = partOf(x, wanted);
  const asked = isHead ? [] : conditionsOn(stale);
  return {
    ...common(x, edge),
    part: part.name,
    request: { method, fields: x.fields, directives: x.directives, range: part.range },
    outbound: fetchOutbound(x, [...asked, ...part.fields], method),
    stale,
    isConditional: asked.length > 0,
    isBackground: false,
    isShared: !(isHead || x.isAlone || x.directives.noStore),
  };
}

/** A fetch behind a stale answer, for whoever comes next. */
export function refreshOrder(x: Exchange, edge: Edge, stale: Entry): FlightOrder {
  const asked = conditionsOn(stale);
  return {
    ...common(x, edge),
    part: '',
    request: { method: 'GET', fields: x.fields, directives: x.directives },
    outbound: fetchOutbound(x, asked, 'GET'),
    stale,
    isConditional: asked.length > 0,
    isBackground: true,
    isShared: true,
  };
}

// Conditions are about what would be a success (RFC 9110 §13.2.1): a 304 to anything else would renew nothing.
function conditionsOn(stale: Entry | undefined): readonly string[] {
  return stale !== undefined && stale.status < 300 ? conditions(storedFields(stale)) : [];
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
