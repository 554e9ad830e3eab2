import { canonicalHost } from '@trivet/kit/semantics/host.ts';
import { parseTarget } from '@trivet/kit/semantics/target.ts';

/** What is to be forgotten. Without `host` it is meant for every host. */
export type Selector =
  | { readonly by: 'url' | 'prefix'; readonly host: string | undefined; readonly path: string }
  | { readonly by: 'tags'; readonly tags: readonly string[] }
  | { readonly by: 'all' };

export type PurgeOrder = { readonly selector: Selector; readonly soft: boolean; readonly dryRun: boolean };

export type PurgeReading =
  | { readonly verdict: 'purge'; readonly order: PurgeOrder }
  | { readonly verdict: 'bad'; readonly why: string };

type Members = Readonly<Record<string, unknown>>;
type Found = Selector | string;

const selectors: Readonly<Record<string, (value: unknown) => Found>> = {
  url: (value) => located('url', value),
  prefix: (value) => located('prefix', value),
  tags,
  all: (value) => (value === true ? { by: 'all' } : '"all" must be true'),
};
const switches = ['soft', 'dryRun'];

/** Reads the body of `POST /purge`. Anything unclear is refused: a purge that misses is noticed too late. */
export function readPurge(body: unknown): PurgeReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return bad('the body must be a JSON object');
  const members = body as Members;
  const names = Object.keys(members);
  const unknown = names.find((name) => !Object.hasOwn(selectors, name) && !switches.includes(name));
  if (unknown !== undefined) return bad(`there is no member ${JSON.stringify(unknown)}`);
  const given = names.filter((name) => Object.hasOwn(selectors, name));
  const [name = ''] = given;
  if (given.length !== 1) return bad('exactly one of "url", "prefix", "tags", "all" must be given');
  const loose = switches.find((name) => members[name] !== undefined && typeof members[name] !== 'boolean');
  if (loose !== undefined) return bad(`"${loose}" must be true or false`);
  const selector = selectors[name]?.(members[name]) ?? 'unknown selector';
  if (typeof selector === 'string') return bad(selector);
  return { verdict: 'purge', order: { selector, soft: members.soft === true, dryRun: members.dryRun === true } };
}

function bad(why: string): PurgeReading {
  return { verdict: 'bad', why };
}

function located(by: 'url' | 'prefix', value: unknown): Found {
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
