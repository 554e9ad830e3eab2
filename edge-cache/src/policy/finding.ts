import { type Fields, has } from '@trivet/kit/semantics/fields.ts';
import type { Forward } from './cache-status.ts';
import type { Directives } from './directives.ts';
import type { Lifetime } from './lifetime.ts';
import { type Content, isNegotiable, suits } from './negotiated.ts';
import { type Assembly, assembly, type Fragment, type Part } from './parts.ts';
import { reuse } from './reuse.ts';
import { variantOf } from './vary.ts';

/** What of a stored response decides whether it is the answer. */
export type Findable = {
  readonly vary: readonly string[];
  readonly variant: string;
  readonly life: Lifetime;
  readonly servesAuthorized: boolean;
  /** Where it lies, when it is a part only. */
  readonly part?: Part | undefined;
};

/** A stored part, and what is judged of it. */
export type Held<E> = { readonly entry: E; readonly fragment: Fragment };

/** What the stored responses of a key are good for. */
export type Finding<E extends Findable> =
  | { readonly do: 'deliver'; readonly entry: E; readonly why: 'fresh' | 'max-stale' | 'stale-if-error' }
  | { readonly do: 'deliver-parts'; readonly assembly: Assembly<Held<E>>; readonly why: 'fresh' }
  | { readonly do: 'deliver-and-refresh'; readonly entry: E; readonly why: 'stale-while-revalidate' }
  | {
      readonly do: 'fetch';
      readonly stale: E | undefined;
      readonly fwd: Forward;
      readonly why: 'miss' | 'variant' | 'expired' | 'request' | 'credentials' | 'past-keep' | 'partial';
      /** Stored parts that the missing piece makes an answer of. */
      readonly fill?: Assembly<Held<E>>;
    }
  | { readonly do: 'synth'; readonly status: 504; readonly why: 'only-if-cached' };

export type Question<E extends Findable> = {
  /** Newest first. */
  readonly entries: readonly E[];
  readonly request: Fields;
  /** `noDirectives` where those of the client are not honoured. */
  readonly directives: Directives;
  readonly now: number;
  /** What a stored response turned out to be. */
  content?(entry: E): Content;
  /** What a stored part is; without it parts are not looked at. */
  readonly fragment?: ((entry: E) => Fragment) | undefined;
  /** The origin failed to refresh this one a moment ago. */
  isFailing(entry: E): boolean;
};

/** Which stored response answers a request, if any? RFC 9111 §4. */
export function finding<E extends Findable>(question: Question<E>): Finding<E> {
  const { entries, request, directives } = question;
  const whole = judged(question, select(entries, request, question.content));
  const found = whole.do === 'fetch' && whole.stale === undefined ? (patched(question) ?? whole) : whole;
  const isAnswer = found.do !== 'fetch';
  if (directives.onlyIfCached && !isAnswer) return { do: 'synth', status: 504, why: 'only-if-cached' };
  return found;
}

/** What the stored parts are good for where there is no whole. RFC 9111 §3.4. */
function patched<E extends Findable>(question: Question<E>): Finding<E> | undefined {
  const { entries, request, directives, now, fragment } = question;
  if (fragment === undefined || !entries.some(({ part }) => part !== undefined)) return undefined;
  const mayServe = (entry: E) =>
    entry.part !== undefined &&
    reuse(entry.life, now, directives).why === 'fresh' &&
    entry.variant === variantOf(entry.vary, request) &&
    (entry.servesAuthorized || !has(request, 'authorization'));
  const held = entries.filter(mayServe).map((entry) => ({ entry, fragment: fragment(entry) }));
  if (held.length === 0) return undefined;
  const found = assembly(held, request);
  if (found === undefined) return { do: 'fetch', stale: undefined, fwd: 'partial', why: 'partial' };
  if (found.missing === undefined) return { do: 'deliver-parts', assembly: found, why: 'fresh' };
  return { do: 'fetch', stale: undefined, fwd: 'partial', why: 'partial', fill: found };
}

/**
 * The newest of the stored responses whose selecting fields the request matches, else the newest that is as good for it as
 * any could be. RFC 9111 §4.1.
 */
export function select<E extends Findable>(
  entries: readonly E[],
  request: Fields,
  content?: (entry: E) => Content,
): E | undefined {
  return matching(entries, request) ?? (content && suitable(entries, request, content));
}

function suitable<E extends Findable>(
  entries: readonly E[],
  request: Fields,
  content: (entry: E) => Content,
): E | undefined {
  return entries.find(
    (entry) => entry.part === undefined && isNegotiable(entry.vary) && suits(entry, request, content(entry)),
  );
}

function matching<E extends Findable>(entries: readonly E[], request: Fields): E | undefined {
  let names: readonly string[] | undefined;
  let variant = '';
  for (const entry of entries) {
    if (entry.part !== undefined) continue;
    if (entry.vary !== names) {
      names = entry.vary;
      variant = names.length === 0 ? '' : variantOf(names, request);
    }
    if (entry.variant === variant) return entry;
  }
  return undefined;
}

function judged<E extends Findable>(question: Question<E>, entry: E | undefined): Finding<E> {
  const { entries, request, directives, now, isFailing } = question;
  if (entry === undefined) return missed(entries.every(({ part }) => part !== undefined));
  // An answer to anybody is not the answer to somebody, unless the origin said that it is (RFC 9111 §3.5).
  if (has(request, 'authorization') && !entry.servesAuthorized) {
    return { do: 'fetch', stale: undefined, fwd: 'request', why: 'credentials' };
  }
  const verdict = reuse(entry.life, now, directives);
  switch (verdict.verdict) {
    case 'serve':
      return { do: 'deliver', entry, why: verdict.why };
    case 'serve-and-refresh':
      return isFailing(entry)
        ? { do: 'deliver', entry, why: 'stale-if-error' }
        : { do: 'deliver-and-refresh', entry, why: verdict.why };
    case 'revalidate':
      if (verdict.why === 'expired' && now < entry.life.errorUntil && isFailing(entry)) {
        return { do: 'deliver', entry, why: 'stale-if-error' };
      }
      return refetch(entry, verdict.why, directives);
    case 'gone':
      return { do: 'fetch', stale: undefined, fwd: 'uri-miss', why: verdict.why };
  }
}

function missed<E extends Findable>(isEmpty: boolean): Finding<E> {
  return isEmpty
    ? { do: 'fetch', stale: undefined, fwd: 'uri-miss', why: 'miss' }
    : { do: 'fetch', stale: undefined, fwd: 'vary-miss', why: 'variant' };
}

function refetch<E extends Findable>(entry: E, why: 'expired' | 'request', { noStore }: Directives): Finding<E> {
  // A client that wants nothing stored gets an answer of its own, and renews nothing.
  const stale = noStore ? undefined : entry;
  return { do: 'fetch', stale, fwd: why === 'request' ? 'request' : 'stale', why };
}
