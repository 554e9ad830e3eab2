/**
 * What the edge does not do of the public suite, as data: every test that it does not pass, with the reason, for each
 * way of setting it up. An unlisted failure fails the run, and so does a listed test that passes. Whoever mends a
 * listed one deletes its line and writes the document anew (`npm run docs`).
 */
import type { Environment } from '../../topology/shapes.ts';

/** Tests that are not passed for one and the same reason. */
export type Deviation = {
  readonly why: string;
  readonly tests: readonly string[];
  /** The answer to its first requests was already another than the test needs: the suite counts it as not held. */
  readonly isSetup?: true;
};

/** A way of setting the edge up, and what it then does not pass. */
export type Profile = {
  readonly name: string;
  readonly about: string;
  readonly settings: Environment;
  /** Beyond `everywhere`. */
  readonly deviations: readonly Deviation[];
  /** Of `everywhere`, what it passes nevertheless. */
  readonly passes: readonly string[];
};

/** What is not passed however the edge is set up. */
export const everywhere: readonly Deviation[] = [
  {
    why: 'This version wants a response with an invalid or repeated `Age` to be stale. RFC 9111 §5.1 came after it: an invalid value is ignored, of several the first is used; the later versions of the suite ask for just that, of every one of these but the two with parameters, which they only note.',
    tests: [
      'age-parse-nonnumeric',
      'age-parse-negative',
      'age-parse-float',
      'age-parse-prefix-twoline',
      'age-parse-dup-0',
      'age-parse-dup-0-twoline',
      'age-parse-dup-old',
      'age-parse-parameter',
      'age-parse-numeric-parameter',
    ],
  },
  {
    why: 'Nothing can pass these in this version: they look in the answer for a field that only the origin could have written, which has just closed the connection instead. The edge answers 502 with nothing of the stored response, which is what the later versions ask for.',
    tests: [
      'stale-close-must-revalidate',
      'stale-close-proxy-revalidate',
      'stale-close-no-cache',
      'stale-close-s-maxage=2',
    ],
  },
  {
    why: 'Asks for leniency with a transfer coding that nobody knows. Where the body ends is then a guess, and two guesses that differ are a smuggled request (RFC 9112 §6.1): 502.',
    tests: ['headers-store-Transfer-Encoding'],
    isSetup: true,
  },
  {
    why: 'The condition is older than the stored response, which has no `Last-Modified`. RFC 9111 §4.3.2 lets its `Date` stand in only where that is not later than the condition; a 304 would leave the client with content that may long be outdated.',
    tests: ['conditional-lm-fresh-no-lm'],
  },
  {
    why: 'The stored part has one byte less than its `Content-Range` says, and the byte that is missing is wanted; it is asked for.',
    tests: ['partial-store-partial-reuse-partial-absent', 'partial-store-partial-reuse-partial-suffix'],
  },
  {
    why: 'The stored part has no strong validator, so nothing that comes later could be put together with it (RFC 9110 §15.3.7.3): the whole is asked for.',
    tests: ['partial-store-partial-complete'],
  },
  {
    why: 'A lifetime that is no number of seconds counts as over, as RFC 9111 §4.2.1 encourages.',
    tests: [
      'freshness-max-age-decimal-zero',
      'freshness-max-age-decimal-five',
      'freshness-max-age-a100',
      'freshness-max-age-100a',
    ],
  },
  {
    why: 'Of two lifetimes the first counts, one of the two ways of RFC 9111 §4.2.1; here it is the short one.',
    tests: ['freshness-max-age-two-stale-fresh-sameline', 'freshness-max-age-two-stale-fresh-sepline'],
  },
  {
    why: 'No date of RFC 9110 §5.6.7, so it lies in the past (RFC 9111 §5.3); the later versions require that. The first two are far from now, and lack their comma in this version only.',
    tests: [
      'freshness-expires-32bit',
      'freshness-expires-far-future',
      'freshness-expires-invalid-utc',
      'freshness-expires-invalid-aest',
      'freshness-expires-invalid-2-digit-year',
      'freshness-expires-invalid-no-comma',
      'freshness-expires-invalid-multiple-spaces',
      'freshness-expires-invalid-date-dashes',
      'freshness-expires-invalid-time-periods',
      'freshness-expires-invalid-1-digit-hour',
      'freshness-expires-invalid-multiple-lines',
    ],
  },
  {
    why: '`Warning` is obsolete (RFC 9111 §5.5); `Cache-Status` says that an answer is stale.',
    tests: ['stale-warning-stored', 'stale-warning-become'],
  },
  {
    why: 'The heuristic is a tenth of the age (RFC 9111 §4.2.2), which is less than the three seconds that the test waits, or just as much.',
    tests: ['heuristic-delta-5', 'heuristic-delta-10', 'heuristic-delta-30'],
  },
  {
    why: '`Pragma: no-cache` without `Cache-Control` asks for an answer from the origin (RFC 9111 §5.4), and is honoured.',
    tests: ['pragma-request-no-cache'],
  },
  {
    why: 'The origin of the suite writes the tag as UTF-8 and its client as Latin-1: on the wire they differ, and tags are compared byte for byte.',
    tests: ['conditional-etag-strong-respond-obs-text'],
  },
  {
    why: 'No entity tag by the grammar of RFC 9110 §8.8.3, so it matches nothing; it is sent on as it was received.',
    tests: [
      'conditional-etag-quoted-respond-unquoted',
      'conditional-etag-unquoted-respond-unquoted',
      'conditional-etag-unquoted-respond-quoted',
      'conditional-etag-weak-respond-lowercase',
      'conditional-etag-weak-respond-backslash',
      'conditional-etag-weak-respond-omit-slash',
      'conditional-etag-strong-generate-unquoted',
    ],
  },
  {
    why: 'A response for other request fields is not validated for these.',
    tests: ['conditional-etag-vary-headers-mismatch'],
  },
  {
    why: 'A miss asks the origin for the whole response, so that it can be stored, and answers the condition itself.',
    tests: ['conditional-etag-forward', 'conditional-etag-forward-unquoted'],
  },
  {
    why: 'The answer to a `HEAD` is passed on as it is. What is stored for `GET` lives on under it only when a validator says that it is the same; the suite sends none.',
    tests: ['head-200-retain', 'head-200-freshness-update'],
  },
  {
    why: 'RFC 9111 §4.3.5 speaks of a `200` alone: an error says nothing of the stored response.',
    tests: ['head-410-update'],
    isSetup: true,
  },
  {
    why: 'No validator says that it is the same.',
    tests: ['head-200-update'],
    isSetup: true,
  },
  {
    why: '`Surrogate-Control` is for the surrogate and goes no further (Edge Architecture Specification §2.3).',
    tests: ['surrogate-remove-header'],
  },
];

/** The ways of setting it up in which the edge is asked. */
export const profiles: readonly [Profile, ...Profile[]] = [
  {
    name: 'rfc',
    about: 'what the suite is written for: cookies do not matter, and what a client wishes is heard',
    settings: { EDGE_SET_COOKIE: 'store', EDGE_CLIENT_DIRECTIVES: 'honour' },
    deviations: [],
    passes: [],
  },
  {
    name: 'slow',
    about: 'the same, with the fast lane off',
    settings: { EDGE_SET_COOKIE: 'store', EDGE_CLIENT_DIRECTIVES: 'honour', EDGE_FAST_LANE: 'off' },
    deviations: [],
    passes: [],
  },
  {
    name: 'defaults',
    about: 'no settings, and a client in `EDGE_PURGE_FROM`, whose wishes are heard',
    settings: {},
    deviations: [
      {
        why: '`EDGE_SET_COOKIE=pass`: a response with `Set-Cookie` is one client’s own unless it says `public`.',
        tests: ['other-set-cookie'],
      },
      {
        why: 'The same.',
        tests: ['headers-store-Set-Cookie', '304-etag-update-response-Set-Cookie'],
        isSetup: true,
      },
    ],
    passes: [],
  },
  {
    name: 'stranger',
    about: 'the defaults, and a client outside `EDGE_PURGE_FROM`',
    settings: { EDGE_PURGE_FROM: '192.0.2.1' },
    deviations: [
      {
        why: '`EDGE_SET_COOKIE=pass`: a response with `Set-Cookie` is one client’s own unless it says `public`.',
        tests: ['other-set-cookie'],
      },
      {
        why: 'The same.',
        tests: ['headers-store-Set-Cookie', '304-etag-update-response-Set-Cookie'],
        isSetup: true,
      },
      {
        why: '`EDGE_CLIENT_DIRECTIVES=trusted`: the `Cache-Control` of a stranger would let him past the cache.',
        tests: [
          'ccreq-ma0',
          'ccreq-ma1',
          'ccreq-magreaterage',
          'ccreq-max-stale',
          'ccreq-max-stale-age',
          'ccreq-min-fresh',
          'ccreq-min-fresh-age',
          'ccreq-no-cache',
          'ccreq-no-cache-etag',
          'ccreq-no-cache-lm',
          'ccreq-no-store',
          'ccreq-oic',
        ],
      },
    ],
    passes: ['pragma-request-no-cache'],
  },
];

/** Everything that an edge set up like this does not pass. */
export function deviationsOf({ deviations, passes }: Profile): readonly Deviation[] {
  const known = everywhere.map((one) => ({ ...one, tests: one.tests.filter((id) => !passes.includes(id)) }));
  return [...known, ...deviations].filter(({ tests }) => tests.length > 0);
}
