/** What a sequence is made of. */
import type { Terms } from './model.ts';
import type { Trouble } from './model-origin.ts';

export type Get = {
  readonly do: 'get';
  readonly url: number;
  readonly method: 'GET' | 'HEAD';
  readonly language: string;
  readonly cookie: boolean;
  readonly hasCredentials: boolean;
  readonly range: string;
  readonly hasValidator: boolean;
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
  | { readonly do: 'post'; readonly url: number }
  | { readonly do: 'wait'; readonly seconds: number };

/** The fields of a request of the model; the origin goes by them. */
export function headersOf(get: Get, client: number, validator: string | undefined): Record<string, string> {
  const { language, cookie, hasCredentials, range, directive, hold } = get;
  return {
    'x-client': String(client),
    'x-lang': language,
    'x-hold': hold,
    ...(cookie ? { cookie: 'who=me' } : {}),
    ...(hasCredentials ? { authorization: 'Basic bWU6bWU=' } : {}),
    ...(range === '' ? {} : { range }),
    ...(validator === undefined ? {} : { 'if-none-match': validator }),
    ...(directive === '' ? {} : { 'cache-control': directive }),
  };
}
