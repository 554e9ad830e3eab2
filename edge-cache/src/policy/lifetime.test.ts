import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { ageOf, forbidsStale, freshness, initialAge, isExplicit, lifetime, soften } from './lifetime.ts';
import { ordersOf } from './targeted.ts';

const now = Date.UTC(2026, 0, 1);
const at = (seconds: number) => formatHttpDate(now + seconds * 1000);
const fresh = (fields: string[], { status = 200, ttl = 0 } = {}) =>
  freshness({ status, fields }, ordersOf(fields), now, ttl);

const sources: readonly [what: string, fields: string[], why: string, seconds: number][] = [
  ['s-maxage before all', ['Cache-Control', 's-maxage=5, max-age=9', 'Expires', at(99)], 's-maxage', 5],
  ['max-age before Expires', ['Cache-Control', 'max-age=9', 'Expires', at(99)], 'max-age', 9],
  ['max-age=0 before Expires', ['Cache-Control', 'max-age=0', 'Expires', at(99)], 'max-age', 0],
  ['Expires less Date', ['Expires', at(30), 'Date', at(10)], 'expires', 20],
  ['Expires less now without Date', ['Expires', at(30)], 'expires', 30],
  ['Expires with a bad Date', ['Expires', at(30), 'Date', 'foo'], 'expires', 30],
  ['Expires before Date', ['Expires', at(300), 'Date', at(400)], 'expires', 0],
  ['an invalid Expires', ['Expires', '0', 'Last-Modified', at(-1000)], 'expires', 0],
  ['two Expires', ['Expires', at(30), 'Expires', at(31)], 'expires', 0],
  ['a tenth of the age', ['Date', at(0), 'Last-Modified', at(-1000)], 'heuristic', 100],
  ['a day at most', ['Date', at(0), 'Last-Modified', at(-99_999_999)], 'heuristic', 86_400],
  ['a Last-Modified in the future', ['Date', at(0), 'Last-Modified', at(50)], 'none', 0],
  ['nothing', ['Content-Type', 'text/plain'], 'none', 0],
  ['a targeted field that is silent of time', ['CDN-Cache-Control', 'public', 'Expires', at(9)], 'none', 0],
];
for (const [what, fields, why, seconds] of sources) {
  test(`how long it is fresh comes from ${what}`, () => {
    assert.deepEqual(fresh(fields), { why, ms: seconds * 1000 });
  });
}

test('a default lifetime counts only where nothing else speaks and the status allows it', () => {
  assert.deepEqual(fresh([], { ttl: 7000 }), { why: 'default', ms: 7000 });
  assert.deepEqual(fresh(['Cache-Control', 'max-age=0'], { ttl: 7000 }), { why: 'max-age', ms: 0 });
  assert.deepEqual(fresh([], { ttl: 7000, status: 500 }), { why: 'none', ms: 0 });
  assert.deepEqual(fresh([], { ttl: 7000, status: 201 }), { why: 'none', ms: 0 });
});

for (const [status, why] of [
  [200, 'heuristic'],
  [203, 'heuristic'],
  [404, 'heuristic'],
  [501, 'heuristic'],
  [201, 'none'],
  [302, 'none'],
  [403, 'none'],
  [503, 'none'],
  [599, 'none'],
] as const) {
  test(`a ${status} with Last-Modified alone is fresh by ${why}`, () => {
    assert.equal(fresh(['Last-Modified', at(-1000)], { status }).why, why);
  });
}

test('public makes the heuristic apply to any status', () => {
  assert.equal(fresh(['Last-Modified', at(-1000), 'Cache-Control', 'public'], { status: 599 }).why, 'heuristic');
});

test('a lifetime that someone stated is explicit', () => {
  const explicit = (fields: string[], ttl = 0) => isExplicit(fresh(fields, { ttl }));
  assert.equal(explicit(['Expires', '0']), true);
  assert.equal(explicit(['Cache-Control', 'max-age=0']), true);
  assert.equal(explicit(['Last-Modified', at(-1000)]), false);
  assert.equal(explicit([], 5), false);
});

const ages: readonly [lines: string[], seconds: number | undefined][] = [
  [[], undefined],
  [['30'], 30],
  [['030'], 30],
  [['30', '99'], 30],
  [['0, 7200'], 0],
  [['7200,0'], 7200],
  [['abc'], undefined],
  [['-30'], undefined],
  [['30.0'], undefined],
  [['30;a=b'], undefined],
  [['2147483649'], 2_147_483_648],
];
for (const [values, seconds] of ages) {
  test(`[case 34] Age ${JSON.stringify(values)} is ${seconds}`, () => {
    assert.equal(ageOf(values.flatMap((value) => ['Age', value])), seconds);
  });
}

const births: readonly [what: string, fields: string[], delayMs: number, ageMs: number][] = [
  ['nothing is known', [], 0, 0],
  ['only the fetch took time', [], 1500, 1500],
  ['Date is late', ['Date', at(-20)], 0, 20_000],
  ['Date is in the future', ['Date', at(20)], 0, 0],
  ['Date is no date', ['Date', 'foo'], 0, 0],
  ['Age says more than Date', ['Date', at(-20), 'Age', '30'], 2000, 32_000],
  ['Date says more than Age', ['Date', at(-40), 'Age', '30'], 2000, 40_000],
];
for (const [what, fields, delay, age] of births) {
  test(`[case 34] the age of a response where ${what} is ${age} ms`, () => {
    assert.equal(initialAge(fields, { requestedAt: now - delay, respondedAt: now }), age);
  });
}

test('[case 35] what Date cannot say, or says late, is no age', () => {
  const ageAfter = (ms: number) => initialAge(['Date', at(0)], { requestedAt: now + ms, respondedAt: now + ms });
  assert.equal(ageAfter(1999), 0);
  assert.equal(ageAfter(2000), 2000);
});

const defaults = { ttl: 0, grace: 2000, staleIfError: 3000, keep: 4000 };
const span = (cacheControl: string, age = 0) => {
  const orders = ordersOf(['Cache-Control', cacheControl]);
  const found = freshness({ status: 200, fields: ['Cache-Control', cacheControl] }, orders, now, 0);
  const life = lifetime({
    age,
    respondedAt: now,
    fresh: found,
    directives: orders.directives,
    defaults,
    hasValidator: true,
  });
  const after = (instant: number) => instant - now;
  return [life.born, life.freshUntil, life.graceUntil, life.errorUntil, life.keepUntil].map(after);
};

for (const [what, cacheControl, age, instants] of [
  ['has the defaults', 'max-age=10', 0, [0, 10_000, 12_000, 13_000, 17_000]],
  ['was old when it came', 'max-age=10', 4000, [-4000, 6000, 8000, 9000, 13_000]],
  [
    'speaks for itself',
    'max-age=10, stale-while-revalidate=5, stale-if-error=1',
    0,
    [0, 10_000, 15_000, 11_000, 19_000],
  ],
  [
    'asks for no grace',
    'max-age=10, stale-while-revalidate=0, stale-if-error=0',
    0,
    [0, 10_000, 10_000, 10_000, 14_000],
  ],
  [
    'must be revalidated',
    'max-age=10, must-revalidate, stale-while-revalidate=5',
    0,
    [0, 10_000, 10_000, 10_000, 14_000],
  ],
  ['is never fresh', 'max-age=0', 0, [0, 0, 0, 3000, 7000]],
  ['is never fresh by mistake', 'max-age=ten', 0, [0, 0, 0, 3000, 7000]],
  ['was stale when it came', 'max-age=10', 11_000, [-11_000, -1000, -1000, 2000, 6000]],
  [
    'is never fresh, but says how long it may be stale',
    'max-age=0, stale-while-revalidate=5',
    0,
    [0, 0, 5000, 3000, 9000],
  ],
  ['has s-maxage', 's-maxage=10', 0, [0, 10_000, 10_000, 10_000, 14_000]],
  ['is always validated', 'max-age=10, no-cache', 0, [0, 0, 0, 0, 14_000]],
  ['was past its time', 'max-age=10, must-revalidate', 60_000, [-60_000, -50_000, -50_000, -50_000, 4000]],
] as const) {
  test(`the instants of a response that ${what}`, () => assert.deepEqual(span(cacheControl, age), instants));
}

test('a lifetime from the policy counts from now, not from the birth', () => {
  const life = lifetime({
    age: 60_000,
    respondedAt: now,
    fresh: { why: 'policy', ms: 10_000 },
    directives: ordersOf([]).directives,
    defaults,
    hasValidator: false,
  });
  assert.equal(life.born, now - 60_000);
  assert.equal(life.freshUntil, now + 10_000);
  assert.equal(life.keepUntil, now + 13_000);
});

for (const directive of ['must-revalidate', 'proxy-revalidate', 's-maxage=1', 'no-cache']) {
  test(`${directive} forbids stale`, () => {
    assert.equal(forbidsStale(ordersOf(['Cache-Control', `max-age=1, ${directive}`]).directives), true);
  });
}

test('[case 39] softened, a response is stale at once and never lives longer than before', () => {
  const life = { born: 0, freshUntil: 100, graceUntil: 150, errorUntil: 200, keepUntil: 300 };
  assert.deepEqual(soften(life, 40), { born: 0, freshUntil: 40, graceUntil: 90, errorUntil: 140, keepUntil: 300 });
  assert.deepEqual(soften(life, 120), life);
});
