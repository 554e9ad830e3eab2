import { canonicalHost } from '@trivet/kit/semantics/host.ts';
import { parseTarget } from '@trivet/kit/semantics/target.ts';

/** One URL, or all that begins with it. Without `host` it is meant for every host. */
export type Located = { readonly by: 'url' | 'prefix'; readonly host: string | undefined; readonly path: string };

/** What is to be forgotten. */
export type Selector =
  | Located
  | { readonly by: 'any'; readonly of: readonly Located[] }
  | { readonly by: 'tags'; readonly tags: readonly string[] }
  | { readonly by: 'all' };

export type PurgeOrder = { readonly selector: Selector; readonly soft: boolean; readonly dryRun: boolean };

export type PurgeReading =
  | { readonly verdict: 'purge'; readonly orders: readonly PurgeOrder[]; readonly isBatch: boolean }
  /** `index` of the order that is wrong, in a batch. */
  | { readonly verdict: 'bad'; readonly why: string; readonly index?: number };

type Members = Readonly<Record<string, unknown>>;
type Found = Selector | string;
type Order = PurgeOrder | string;

/** Each order may walk through all that is stored. */
const MOST_ORDERS = 1000;

const selectors: Readonly<Record<string, (value: unknown) => Found>> = {
  url: (value) => located('url', value),
  prefix: (value) => located('prefix', value),
  tags,
  all: (value) => (value === true ? { by: 'all' } : '"all" must be true'),
};
const switches = ['soft', 'dryRun'];

/**
 * Reads the body of `POST /purge`: one order, or a list of them. Anything unclear is refused, a list for the first order
 * in it that is: a purge that misses is noticed too late.
 */
export function readPurge(body: unknown): PurgeReading {
  if (Array.isArray(body)) return readBatch(body);
  const order = readOrder(body);
  if (typeof order === 'string') return { verdict: 'bad', why: order };
  return { verdict: 'purge', orders: [order], isBatch: false };
}

function readBatch(given: readonly unknown[]): PurgeReading {
  if (given.length === 0) return { verdict: 'bad', why: 'a batch must hold at least one order' };
  if (given.length > MOST_ORDERS) return { verdict: 'bad', why: `a batch may hold ${MOST_ORDERS} orders at most` };
  const orders: PurgeOrder[] = [];
  for (const [index, one] of given.entries()) {
    const order = fitting(readOrder(one), orders[0]);
    if (typeof order === 'string') return { verdict: 'bad', why: `order ${index}: ${order}`, index };
    orders.push(order);
  }
  return { verdict: 'purge', orders, isBatch: true };
}

// The sum of what was taken and of what would be taken is no number of anything.
function fitting(order: Order, first: PurgeOrder | undefined): Order {
  if (typeof order === 'string' || first === undefined || first.dryRun === order.dryRun) return order;
  return '"dryRun" must be the same in a whole batch';
}

function readOrder(given: unknown): Order {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return 'an order must be a JSON object, a batch a list of them';
  }
  const members = given as Members;
  const names = Object.keys(members);
  const unknown = names.find((name) => !Object.hasOwn(selectors, name) && !switches.includes(name));
  if (unknown !== undefined) return `there is no member ${JSON.stringify(unknown)}`;
  const chosen = names.filter((name) => Object.hasOwn(selectors, name));
  const [name = ''] = chosen;
  if (chosen.length !== 1) return 'exactly one of "url", "prefix", "tags", "all" must be given';
  const loose = switches.find((name) => members[name] !== undefined && typeof members[name] !== 'boolean');
  if (loose !== undefined) return `"${loose}" must be true or false`;
  const selector = selectors[name]?.(members[name]) ?? 'unknown selector';
  if (typeof selector === 'string') return selector;
  return { selector, soft: members.soft === true, dryRun: members.dryRun === true };
}

function located(by: 'url' | 'prefix', value: unknown): Found {
  if (!Array.isArray(value)) return place(by, value);
  if (value.length === 0) return `"${by}" must not be an empty list`;
  const of: Located[] = [];
  for (const [index, given] of value.entries()) {
    const found = place(by, given);
    if (typeof found === 'string') return `${found} (number ${index} of the list)`;
    of.push(found);
  }
  return { by: 'any', of };
}

function place(by: 'url' | 'prefix', value: unknown): Located | string {
  const target = typeof value === 'string' ? parseTarget('GET', value) : undefined;
  switch (target?.form) {
    case 'origin':
      return { by, host: undefined, path: target.path };
    case 'absolute':
      return { by, host: canonicalHost(target.authority), path: target.path };
    default:
      return `"${by}" must be http://host/path or /path${target?.form === 'bad' ? `: ${target.why}` : ''}`;
  }
}

function tags(value: unknown): Found {
  const isList =
    Array.isArray(value) && value.length > 0 && value.every((tag) => typeof tag === 'string' && tag !== '');
  return isList ? { by: 'tags', tags: value } : '"tags" must be a list of strings, at least one, none of them empty';
}
