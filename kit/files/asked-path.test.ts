import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from './asked-path.ts';

test('a target is read once, and its raw spelling is kept', () => {
  assert.deepEqual(askedPath('/a%2Fb/../%63//?d?%zz'), {
    ...{ path: '/a/c/', opaque: true },
    ...{ rawPath: '/a%2Fb/../%63//', query: 'd?%zz' },
  });
});

for (const [target, complaint] of [
  ['/%', /hexadecimal/],
  ['/%c0%ae', /UTF-8/],
  ['/%00', /control/],
  ['/..', /climbs/],
] as const) {
  test(`${target} is refused with the reason`, () => {
    assert.throws(() => askedPath(target), { name: 'Fault', reason: 'bad-path', status: 400, message: complaint });
  });
}
