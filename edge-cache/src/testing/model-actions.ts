/** What a sequence is made of. */
import { etagOf, type Terms, type Version } from './model.ts';
import type { Trouble } from './model-origin.ts';

/** What a client sends as If-None-Match: the tag of the page as it is now, or as it was, or more than that. */
export type Validator = 'none' | 'current' | 'old' | 'weak' | 'list';

/** What clients send as Accept-Encoding, and which codings they take. */
export const codings = {
  '': [],
  gzip: ['gzip'],
  'gzip, deflate, br, zstd': ['gzip', 'br', 'zstd'],
  'br;q=0.5, gzip;q=0': ['br'],
  'identity;q=0.5, *': ['gzip', 'br', 'zstd'],
  identity: [],
} as const;
export type Accepts = keyof typeof codings;

/** What clients send as Range, and where the bytes are that they want: negative ones from the end, inclusive. */
export const ranges = {
  '': [],
  'bytes=5-9': [[5, 9]],
  'bytes=-4': [[-4, -1]],
  'bytes=10-': [[10, -1]],
  'bytes=999999-': [],
  'bytes=0-1, 20-24': [
    [0, 1],
    [20, 24],
  ],
  'bytes=-4,2-3,999999-': [
    [-4, -1],
    [2, 3],
  ],
} as const;
export type Range = keyof typeof ranges;

export type Get = {
  readonly do: 'get';
  readonly url: number;
  readonly method: 'GET' | 'HEAD';
  readonly language: string;
  readonly cookie: boolean;
  readonly hasCredentials: boolean;
  readonly range: Range;
  readonly validator: Validator;
  readonly ifRange: 'none' | 'current' | 'old';
  readonly accepts: Accepts;
  readonly directive: string;
  readonly hold: 'no' | 'head' | 'body';
};

export type Action =
  | Get
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'leave'; readonly which: number }
  | {
      readonly do: 'publish';
      readonly url: number;
      readonly isNew: boolean;
      readonly terms: Terms;
      readonly varies: boolean;
      readonly tag: string;
      readonly group: string;
      readonly isText: boolean;
      readonly isRanging: boolean;
      readonly hasEtag: boolean;
      readonly setsCookie: boolean;
    }
  | { readonly do: 'trouble'; readonly url: number; readonly trouble: Trouble }
  | {
      readonly do: 'purge';
      readonly by: 'url' | 'prefix' | 'all' | 'tag';
      readonly what: number;
      readonly soft: boolean;
    }
  | { readonly do: 'lurk' }
  | { readonly do: 'ban'; readonly by: BanBy; readonly what: number }
  | { readonly do: 'post'; readonly url: number; readonly group: string }
  | { readonly do: 'wait'; readonly seconds: number };

export const bansBy = ['url', 'tags', 'no-tags', 'older', 'younger', 'language', 'cookie', 'url-and-tags'] as const;
export type BanBy = (typeof bansBy)[number];

const before = (version: Version): Version => ({ ...version, number: version.number - 1 });

/** The field If-None-Match of a client, when `version` is the page as it is. */
export function validatorOf({ validator, language }: Get, version: Version): string | undefined {
  const current = etagOf(version, language);
  const texts = { none: undefined, current, old: etagOf(before(version), language), weak: `W/${current}` };
  return validator === 'list' ? `"x", ${current}` : texts[validator];
}

/** The field If-Range of a client, when `version` is the page as it is. */
export function ifRangeOf({ ifRange, language }: Get, version: Version): string | undefined {
  return ifRange === 'none' ? undefined : etagOf(ifRange === 'old' ? before(version) : version, language);
}

export type Conditions = { readonly validator: string | undefined; readonly ifRange: string | undefined };

/** The fields of a request of the model; the origin goes by them. */
export function headersOf(get: Get, client: number, { validator, ifRange }: Conditions): Record<string, string> {
  const { language, cookie, hasCredentials, range, directive, hold, accepts } = get;
  return {
    'x-client': String(client),
    'x-lang': language,
    'x-hold': hold,
    ...(cookie ? { cookie: 'who=me' } : {}),
    ...(hasCredentials ? { authorization: 'Basic bWU6bWU=' } : {}),
    ...(range === '' ? {} : { range }),
    ...(ifRange === undefined ? {} : { 'if-range': ifRange }),
    ...(validator === undefined ? {} : { 'if-none-match': validator }),
    ...(accepts === '' ? {} : { 'accept-encoding': accepts }),
    ...(directive === '' ? {} : { 'cache-control': directive }),
  };
}
