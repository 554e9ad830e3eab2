import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDirectives } from './directives.ts';
import { type Findable, finding, select } from './finding.ts';

const life = { born: 0, freshUntil: 10, graceUntil: 20, errorUntil: 30, keepUntil: 40 };
const plain: Findable = { vary: [], variant: '', life, servesAuthorized: false };
const foo = (value: string): Findable => ({ ...plain, vary: ['foo'], variant: `foo:${value}\n` });

type Given = { entries?: Findable[]; request?: string[]; asked?: string; now?: number; isFailing?: boolean };

const ask = ({ entries = [plain], request = [], asked = '', now = 0, isFailing = false }: Given) =>
  finding({
    entries,
    request,
    directives: parseDirectives(asked === '' ? [] : asked.split(', ')),
    now,
    isFailing: () => isFailing,
  });

for (const [what, given, expected] of [
  ['nothing stored', { entries: [] }, { do: 'fetch', fwd: 'uri-miss', why: 'miss' }],
  [
    'another variant',
    { entries: [foo('1')], request: ['Foo', '2'] },
    { do: 'fetch', fwd: 'vary-miss', why: 'variant' },
  ],
  ['the variant', { entries: [foo('1')], request: ['Foo', '1'] }, { do: 'deliver', why: 'fresh' }],
  ['fresh', {}, { do: 'deliver', why: 'fresh' }],
  ['in its grace', { now: 10 }, { do: 'deliver-and-refresh', why: 'stale-while-revalidate' }],
  ['in its grace while the origin fails', { now: 10, isFailing: true }, { do: 'deliver', why: 'stale-if-error' }],
  ['expired', { now: 20 }, { do: 'fetch', fwd: 'stale', why: 'expired', stale: plain }],
  ['expired while the origin fails', { now: 20, isFailing: true }, { do: 'deliver', why: 'stale-if-error' }],
  ['too old to stand in', { now: 30, isFailing: true }, { do: 'fetch', fwd: 'stale', why: 'expired' }],
  ['gone', { now: 40 }, { do: 'fetch', fwd: 'uri-miss', why: 'past-keep', stale: undefined }],
  ['fresh, but the client wants news', { asked: 'no-cache' }, { do: 'fetch', fwd: 'request', stale: plain }],
  [
    'fresh, but the client wants nothing stored',
    { asked: 'no-store' },
    { do: 'fetch', fwd: 'request', stale: undefined },
  ],
  ['nothing, and no fetch is wanted', { entries: [], asked: 'only-if-cached' }, { do: 'synth', status: 504 }],
  ['fresh, and no fetch is wanted', { asked: 'only-if-cached' }, { do: 'deliver', why: 'fresh' }],
  [
    'fresh for everybody, but it is somebody',
    { request: ['Authorization', 'x'] },
    { do: 'fetch', fwd: 'request', why: 'credentials' },
  ],
  [
    'fresh for somebody too',
    { request: ['Authorization', 'x'], entries: [{ ...plain, servesAuthorized: true }] },
    { do: 'deliver', why: 'fresh' },
  ],
] as const satisfies readonly (readonly [string, object, object])[]) {
  test(`a lookup that finds ${what}: ${JSON.stringify(expected)}`, () => {
    assert.partialDeepStrictEqual(ask(given as Given), expected);
  });
}

test('of several variants the newest that matches is selected', () => {
  const entries = [foo('1'), plain, foo('2')];
  assert.equal(select(entries, ['Foo', '1']), entries[0]);
  assert.equal(select(entries, ['Foo', '2']), entries[1]);
  assert.equal(select([foo('1'), foo('2')], ['Foo', '2'])?.variant, 'foo:2\n');
});
