import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { type Admission, type AdmissionRules, type Advice, admission } from './admission.ts';
import { noDirectives, parseDirectives } from './directives.ts';

const now = Date.UTC(2026, 0, 1);
const rules: AdmissionRules = { ttl: 0, grace: 0, staleIfError: 3_600_000, keep: 300_000, setCookie: 'pass' };

type Case = {
  method?: string;
  request?: string[];
  asked?: string[];
  status?: number;
  response?: string[];
  rules?: Partial<AdmissionRules>;
  advice?: Advice;
};

function judge(given: Case): Admission {
  return admission(
    {
      request: {
        method: given.method ?? 'GET',
        fields: given.request ?? [],
        directives: given.asked ? parseDirectives(given.asked) : noDirectives,
      },
      response: { status: given.status ?? 200, fields: given.response ?? ['Cache-Control', 'max-age=60'] },
      timing: { requestedAt: now, respondedAt: now },
    },
    { ...rules, ...given.rules },
    given.advice,
  );
}

function admitted(given: Case): Extract<Admission, { verdict: 'store' }> {
  const verdict = judge(given);
  assert.equal(verdict.verdict, 'store', JSON.stringify(verdict));
  if (verdict.verdict !== 'store') throw new Error('unreachable');
  return verdict;
}

const cc = (value: string) => ['Cache-Control', value];
const modified = ['Last-Modified', formatHttpDate(now - 1_000_000)];
const withCookie = [...cc('max-age=60'), 'Set-Cookie', 'a=b'];

const table: readonly [what: string, given: Case, why: string][] = [
  ['a plain answer with a lifetime', {}, 'max-age'],
  ['an answer to POST', { method: 'POST' }, 'method'],
  ['an answer to HEAD', { method: 'HEAD' }, 'method'],
  ['a part', { status: 206 }, 'status'],
  ['a bare 304', { status: 304 }, 'status'],
  ['an error with a lifetime', { status: 500 }, 'max-age'],
  ['an unknown status with a lifetime', { status: 599 }, 'max-age'],
  [
    '[case 33] an unknown status that must be understood',
    { status: 599, response: cc('max-age=60, must-understand') },
    'status',
  ],
  ['no-store', { response: cc('max-age=60, no-store') }, 'no-store'],
  ['no-store for those who do not understand', { response: cc('max-age=60, no-store, must-understand') }, 'max-age'],
  ['private', { response: cc('max-age=60, private') }, 'private'],
  ['a private field', { response: cc('max-age=60, private="x"') }, 'max-age'],
  ['an answer to credentials', { request: ['Authorization', 'x'] }, 'authorization'],
  ['a public answer to credentials', { request: ['Authorization', 'x'], response: cc('public, max-age=9') }, 'max-age'],
  ['s-maxage to credentials', { request: ['Authorization', 'x'], response: cc('s-maxage=9') }, 's-maxage'],
  [
    'must-revalidate to credentials',
    { request: ['Authorization', 'x'], response: cc('max-age=9, must-revalidate') },
    'max-age',
  ],
  ['Vary: *', { response: [...cc('max-age=60'), 'Vary', 'Foo, *'] }, 'vary'],
  ['Set-Cookie', { response: withCookie }, 'set-cookie'],
  ['Set-Cookie and public', { response: [...cc('public, max-age=60'), 'Set-Cookie', 'a=b'] }, 'max-age'],
  ['Set-Cookie where it is stored', { response: withCookie, rules: { setCookie: 'store' } }, 'max-age'],
  ['Set-Cookie where it is stripped', { response: withCookie, rules: { setCookie: 'strip' } }, 'max-age'],
  [
    'Set-Cookie withheld by name',
    { response: [...cc('max-age=9, private="set-cookie"'), 'Set-Cookie', 'a'] },
    'max-age',
  ],
  ['an explicit lifetime for a cookie', { request: ['Cookie', 'a=b'] }, 'max-age'],
  ['a guessed lifetime for a cookie', { request: ['Cookie', 'a=b'], response: modified }, 'cookie'],
  ['a guessed lifetime', { response: modified }, 'heuristic'],
  ['nothing at all', { response: ['Content-Type', 'text/plain'] }, 'no-freshness'],
  ['only an ETag', { response: ['ETag', '"a"'] }, 'none'],
  ['only an ETag with an error', { status: 500, response: ['ETag', '"a"'] }, 'no-freshness'],
  ['no-cache with an ETag', { response: [...cc('no-cache'), 'ETag', '"a"'] }, 'none'],
  ['no-cache without a validator', { response: cc('no-cache') }, 'no-freshness'],
  ['nothing where there is a default', { response: [], rules: { ttl: 5000 } }, 'default'],
  ['a request that says no-store', { asked: ['no-store'] }, 'request-no-store'],
  ['what the policy refuses', { advice: { do: 'pass', why: 'not this one' } }, 'not this one'],
  ['a lifetime from the policy', { response: [], advice: { ttl: 10_000 } }, 'policy'],
  ['a lifetime from the policy for private', { response: cc('private'), advice: { ttl: 10_000 } }, 'private'],
  ['store by the policy for private', { response: cc('private'), advice: { do: 'store', ttl: 10_000 } }, 'policy'],
  ['store by the policy for Vary: *', { response: ['Vary', '*'], advice: { do: 'store', ttl: 10_000 } }, 'vary'],
];
for (const [what, given, why] of table) {
  test(`${what}: ${why}`, () => assert.equal(judge(given).why, why));
}

test('[case 33] fields that may not be reused are not stored', () => {
  const { fields } = admitted({
    response: [...cc('max-age=9, no-cache="a", private="B"'), 'A', '1', 'b', '2', 'c', '3'],
  });
  assert.deepEqual(fields, [...cc('max-age=9, no-cache="a", private="B"'), 'c', '3']);
});

test('stripped cookies are withheld from everybody', () => {
  const verdict = admitted({ response: withCookie, rules: { setCookie: 'strip' } });
  assert.deepEqual(verdict.fields, cc('max-age=60'));
  assert.equal(verdict.stripsCookies, true);
});

for (const [what, given, sharing] of [
  ['fresh', {}, 'all'],
  ['fresh and asked for with a cookie', { request: ['Cookie', 'a=b'] }, 'all'],
  ['stale at once', { response: cc('max-age=0') }, 'without-cookies'],
  ['stale at once and asked for with a cookie', { response: cc('max-age=0'), request: ['Cookie', 'a=b'] }, 'none'],
  ['to be validated by everyone', { response: [...cc('max-age=60, no-cache'), 'ETag', '"a"'] }, 'none'],
  ['of unknown lifetime', { response: ['ETag', '"a"'] }, 'none'],
] as const satisfies readonly (readonly [string, Case, string])[]) {
  test(`who may share an answer that is ${what}: ${sharing}`, () => {
    assert.equal(admitted(given as Case).sharing, sharing);
  });
}

test('credentials are served where the origin said so', () => {
  assert.equal(admitted({}).servesAuthorized, false);
  assert.equal(admitted({ response: cc('public, max-age=9') }).servesAuthorized, true);
});

test('the policy’s grace, keep and tags stand beside the origin’s lifetime', () => {
  const { life, tags } = admitted({
    response: [...cc('max-age=60'), 'Surrogate-Key', 'a', 'ETag', '"x"'],
    advice: { grace: 7000, staleIfError: 0, keep: 1000, tags: ['b', 'a'] },
  });
  assert.equal(life.graceUntil, now + 67_000);
  assert.equal(life.errorUntil, now + 60_000);
  assert.equal(life.keepUntil, now + 68_000);
  assert.deepEqual(tags, ['a', 'b']);
});

test('must-revalidate is not lifted by the policy’s grace', () => {
  const { life } = admitted({ response: cc('max-age=60, must-revalidate'), advice: { grace: 7000 } });
  assert.equal(life.graceUntil, life.freshUntil);
});
