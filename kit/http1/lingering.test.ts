import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyLingerEnds } from './lingering.ts';

test('reading on behind the last answer ends sooner for who has no place here', () => {
  const begun = { begunAt: 0, mostMs: 2_000 };
  assert.equal(whyLingerEnds({ ...begun, heardAt: 2_000 }, 2_000), undefined);
  assert.equal(whyLingerEnds({ ...begun, heardAt: 2_000 }, 2_001), 'too-long');
});

for (const [name, heardAt, now, why] of [
  ['goes on while the client sends', 99_000, 100_000, undefined],
  ['goes on for the length of a silence', 0, 92_000, undefined],
  ['ends when the client says nothing', 0, 92_001, 'silent'],
  ['ends when the client has fallen silent', 95_000, 97_001, 'silent'],
  ['ends in time, whatever the client still sends', 120_000, 120_001, 'too-long'],
] as const) {
  test(`reading on behind the last answer ${name}`, () => {
    assert.equal(whyLingerEnds({ begunAt: 90_000, heardAt }, now), why);
  });
}
