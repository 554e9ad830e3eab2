import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrived, arrival, mayStandIn } from './arrival.ts';
import { noDirectives } from './directives.ts';

const now = 1_000_000;
const rules = { ttl: 0, grace: 0, staleIfError: 0, keep: 0, setCookie: 'pass' } as const;
const usable = { born: 0, freshUntil: now - 10, graceUntil: now - 5, errorUntil: now + 10, keepUntil: now + 20 };
const useless = { ...usable, errorUntil: now };

const asked = { method: 'GET', fields: [], directives: noDirectives };

type Over = Partial<Omit<Arrived, 'response'>> & { status?: number; fields?: string[]; method?: string };

function judge({ status = 200, fields = ['Cache-Control', 'max-age=60'], method = 'GET', ...over }: Over) {
  const arrived: Arrived = {
    request: { method, fields: [], directives: noDirectives },
    response: { status, fields },
    timing: { requestedAt: now, respondedAt: now },
    isConditional: false,
    standIn: undefined,
    isBackground: false,
    ...over,
  };
  return arrival(arrived, rules, () => ({}));
}

for (const [what, over, expected] of [
  ['a plain answer', {}, { do: 'store' }],
  ['a 304 that was asked for', { status: 304, isConditional: true }, { do: 'renew' }],
  ['a 304 that was not', { status: 304 }, { do: 'refuse', why: 'unasked-304' }],
  ['a part that was not asked for', { status: 206 }, { do: 'refuse', why: 'unasked-206' }],
  ['a 503 with something to stand in', { status: 503, standIn: usable }, { do: 'rescue' }],
  ['a 503 with a lifetime and something to stand in', { status: 503, standIn: usable }, { do: 'rescue' }],
  ['a 503 with nothing that may stand in', { status: 503, standIn: useless, fields: [] }, { do: 'pass' }],
  ['a 501 with something to stand in', { status: 501, standIn: usable }, { do: 'store' }],
  ['a 501 behind a refresh', { status: 501, standIn: useless, isBackground: true }, { do: 'rescue' }],
  ['a 404 with something to stand in', { status: 404, standIn: usable }, { do: 'store' }],
  ['an answer to HEAD', { method: 'HEAD' }, { do: 'pass', why: 'method', isLasting: false, outdates: false }],
  [
    'private',
    { fields: ['Cache-Control', 'private'] },
    { do: 'pass', why: 'private', isLasting: true, outdates: true },
  ],
  ['a failure', { status: 500, fields: [] }, { do: 'pass', isLasting: false, outdates: false }],
  [
    'a range beyond the end',
    { status: 416, request: { ...asked, range: 'bytes=9-' } },
    { do: 'pass', why: 'status', isLasting: false, outdates: false },
  ],
  [
    'parts that nobody can place',
    { status: 206, request: { ...asked, range: 'bytes=9-' } },
    { do: 'pass', why: 'status', isLasting: false, outdates: false },
  ],
  [
    'a private part',
    {
      status: 206,
      request: { ...asked, range: 'bytes=0-' },
      fields: ['Cache-Control', 'private', 'Content-Range', 'bytes 0-1/9'],
    },
    { do: 'pass', why: 'private', isLasting: true },
  ],
  [
    'a cookie',
    { fields: ['Cache-Control', 'max-age=1', 'Set-Cookie', 'a=b'] },
    { do: 'pass', why: 'set-cookie', isLasting: true, outdates: false },
  ],
] as const satisfies readonly (readonly [string, Over, object])[]) {
  test(`what becomes of ${what}: ${JSON.stringify(expected)}`, () => {
    assert.partialDeepStrictEqual(judge(over as Over), expected);
  });
}

test('stale may stand in until its time on errors or its grace is over', () => {
  assert.equal(mayStandIn(usable, now), true);
  assert.equal(mayStandIn(useless, now), false);
  assert.equal(mayStandIn({ ...useless, graceUntil: now + 1 }, now), true);
  assert.equal(mayStandIn(undefined, now), false);
});
