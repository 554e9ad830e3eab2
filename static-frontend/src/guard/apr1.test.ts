import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apr1 } from './apr1.ts';

// `openssl passwd -apr1 -salt SALT PASSWORD`, around the 16 octets of one digest.
for (const [password, salt, digits] of [
  ['a', '.', '8vJjQkjjHjd.0tR/ZlSPg0'],
  ['a', 'saltsalt', 'OEnK0QmmvoDzFw9W2yFYT/'],
  ['abcdefghijklmno', 'saltsalt', 'Oxa1yiGkBG8LUPLnp6LoW1'],
  ['abcdefghijklmnop', 'saltsalt', 'HcAxWa/e1c8RTIN.R6484.'],
  ['abcdefghijklmnopq', '.', 'KE1uTrFx97NC6bWBTYc0R.'],
  ['abcdefghijklmnopqrstuvwxyz012345', '.', 'PMMHmn.QwhLVkEHgw7ED8/'],
  ['abcdefghijklmnopqrstuvwxyz0123456', 'saltsalt', 'OSxD1xTYQMe8jLTjtqEwV/'],
] as const) {
  test(`a password of ${password.length} octets with the salt ${salt} is ${digits}, as OpenSSL has it`, () => {
    assert.equal(apr1(Buffer.from(password), salt), digits);
  });
}

test('octets that are no text count as they are', () => {
  const digits = [Buffer.from([0xff]), Buffer.from([0xfe]), Buffer.from([0]), Buffer.alloc(0)].map((password) =>
    apr1(password, 'x'),
  );
  assert.equal(new Set(digits).size, 4);
});
