import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vouchedFor } from './vouched.ts';

const answer = ['x-user', 'ada', 'Set-Cookie', 'a=1', 'X-User', 'bob', 'X-Group', ''];

test('what is copied has the site’s spelling and all its lines, in the order of the names', () => {
  assert.deepEqual(vouchedFor(['X-Group', 'X-USER'], answer).fields, ['X-Group', '', 'X-USER', 'ada', 'X-USER', 'bob']);
});

test('a name that the answer does not have copies nothing, and is reserved all the same', () => {
  const { fields, isReserved } = vouchedFor(['X-Role'], answer);
  assert.deepEqual(fields, []);
  assert.equal(isReserved('x-role'), true);
});

for (const [name, expected] of [
  ['x-user', true],
  ['x_user', true],
  ['x-user-id', true],
  ['x_user-id', true],
  ['x-user_id', true],
  ['x-users', false],
  ['xuser', false],
  ['user', false],
  ['', false],
] as const) {
  test(`with X-User and X_User-Id copied the client ${expected ? 'cannot' : 'may'} send ${name || 'no name'}`, () => {
    assert.equal(vouchedFor(['X-User', 'X_User-Id'], []).isReserved(name), expected);
  });
}

test('without names nothing is reserved', () => {
  const { fields, isReserved } = vouchedFor([], answer);
  assert.deepEqual([fields, isReserved('x-user')], [[], false]);
});
