import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdmissionRules, type Advice, admission } from './admission.ts';
import { noDirectives } from './directives.ts';
import { soften } from './lifetime.ts';
import { inWords } from './reasons.ts';
import { type Terms, termsOf } from './terms.ts';

const now = Date.UTC(2026, 0, 1);
const date = ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'];
const settings: AdmissionRules = { ttl: 7000, grace: 3000, staleIfError: 60_000, keep: 9000, setCookie: 'pass' };

/** Admits a response, and reads its terms from what would be stored of it. */
function explained(fields: readonly string[], advice: Advice = {}, rules = settings): Terms {
  const response = { status: 200, fields: [...date, ...fields] };
  const request = { method: 'GET', fields: [], directives: noDirectives };
  const admitted = admission({ request, response, timing: { requestedAt: now, respondedAt: now } }, rules, advice);
  assert.ok(admitted.verdict === 'store', admitted.why);
  const { life } = admitted;
  assert.ok(
    admitted.why === termsOf({ ...response, life, advice, defaults: rules }).fresh.why || fields.includes('no-cache'),
  );
  return termsOf({ ...response, life, advice, defaults: rules });
}

type Said = readonly [why: string, seconds: number];
const cases: readonly [what: string, fields: readonly string[], advice: Advice, Partial<Record<keyof Terms, Said>>][] =
  [
    [
      'max-age',
      ['Cache-Control', 'max-age=60'],
      {},
      { fresh: ['max-age', 60], grace: ['default', 3], staleIfError: ['default', 60], keep: ['no-validator', 0] },
    ],
    [
      's-maxage',
      ['Cache-Control', 'max-age=60, s-maxage=5', 'ETag', '"e"'],
      {},
      { fresh: ['s-maxage', 5], grace: ['s-maxage', 0], staleIfError: ['s-maxage', 0], keep: ['default', 9] },
    ],
    [
      'must-revalidate',
      ['Cache-Control', 'max-age=5, must-revalidate, stale-if-error=9'],
      {},
      { grace: ['must-revalidate', 0], staleIfError: ['must-revalidate', 0] },
    ],
    ['proxy-revalidate', ['Cache-Control', 'max-age=5, proxy-revalidate'], {}, { grace: ['proxy-revalidate', 0] }],
    ['max-age=0', ['Cache-Control', 'max-age=0'], {}, { grace: ['never-fresh', 0], staleIfError: ['default', 60] }],
    [
      'RFC 5861',
      ['Cache-Control', 'max-age=5, stale-while-revalidate=6, stale-if-error=8'],
      {},
      { grace: ['stale-while-revalidate', 6], staleIfError: ['stale-if-error', 8] },
    ],
    [
      'no-cache',
      ['Cache-Control', 'no-cache', 'ETag', '"e"'],
      {},
      { fresh: ['no-cache', 0], grace: ['no-cache', 0], keep: ['default', 16] },
    ],
    ['Expires', ['Expires', 'Thu, 01 Jan 2026 00:00:30 GMT'], {}, { fresh: ['expires', 30] }],
    [
      'Last-Modified',
      ['Last-Modified', 'Wed, 31 Dec 2025 23:50:00 GMT'],
      {},
      { fresh: ['heuristic', 60], keep: ['default', 9] },
    ],
    ['nothing', [], {}, { fresh: ['default', 7] }],
    [
      'a policy',
      ['Cache-Control', 'max-age=60', 'ETag', '"e"'],
      { ttl: 1000, grace: 2000, staleIfError: 4000, keep: 5000 },
      { fresh: ['policy', 1], grace: ['policy', 2], staleIfError: ['policy', 4], keep: ['policy', 5] },
    ],
  ];
for (const [what, fields, advice, expected] of cases) {
  test(`the rules behind the times of a response with ${what} are named`, () => {
    const terms = explained(fields, advice);
    for (const name of ['fresh', 'grace', 'staleIfError', 'keep'] as const) {
      const said = expected[name];
      if (said !== undefined) assert.deepEqual([terms[name].why, terms[name].seconds], said, name);
    }
    assert.equal(terms.wasChanged, false);
  });
}

test('the field that gave the lifetime is named', () => {
  assert.equal(
    explained(['CDN-Cache-Control', 'max-age=5', 'Cache-Control', 'no-store']).fresh.says,
    'max-age=5 in cdn-cache-control',
  );
  assert.equal(explained(['Surrogate-Control', 'max-age=5', 'Cache-Control', 'no-store']).from, 'surrogate-control');
});

test('a soft purge shows', () => {
  const fields = [...date, 'Cache-Control', 'max-age=60'];
  const life = {
    born: now,
    freshUntil: now + 60_000,
    graceUntil: now + 60_000,
    errorUntil: now + 60_000,
    keepUntil: now + 60_000,
  };
  const given = { status: 200, fields, advice: {}, defaults: settings };
  assert.equal(termsOf({ ...given, life }).wasChanged, false);
  assert.equal(termsOf({ ...given, life: soften(life, now + 10_000) }).wasChanged, true);
});

test('reasons of a policy are their own words, whatever they are', () => {
  for (const why of ['never this one', 'constructor', '__proto__', '']) assert.equal(inWords(why), why);
  assert.equal(inWords('private'), 'the response is private');
});
