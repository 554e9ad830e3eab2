import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPassword, newHash, readHash } from './password-hash.ts';

async function isRight(text: string, password: string): Promise<boolean> {
  const read = readHash(text);
  assert.ok(read.verdict === 'good', JSON.stringify(read));
  return await isPassword(Buffer.from(password), read.hash);
}

// RFC 7914 §12, `openssl passwd -apr1`, and `htpasswd -s`.
for (const [text, password] of [
  [
    '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw',
    'pleaseletmein',
  ],
  ['$apr1$abcdefgh$rRdIxwY5XRHT4TMtBPZn.0', 'pässword'],
  ['$apr1$x$Uj/tERRXvwCR26o1a0ASE.', 'a-longer-password-than-16-octets'],
  ['$apr1$12345678$sHuPAw7VA9xjRbJz7zKV7/', ''],
  ['{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'password'],
] as const) {
  test(`${text.slice(0, 20)}… is ${JSON.stringify(password)} and nothing else`, async () => {
    assert.equal(await isRight(text, password), true);
    for (const other of [`${password}x`, password.toUpperCase(), '\0']) {
      if (other !== password) assert.equal(await isRight(text, other), false, other);
    }
  });
}

test('a new hash is of its password, and never twice the same', async () => {
  const [one, other] = await Promise.all([newHash('söcret'), newHash('söcret')]);
  assert.match(one, /^\$scrypt\$ln=14,r=8,p=5\$/);
  assert.notEqual(one, other);
  assert.equal(await isRight(one, 'söcret'), true);
  assert.equal(await isRight(one, 'socret'), false);
});

for (const [text, why] of [
  [
    '$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC',
    /bcrypt, not supported: .node static-frontend\/password\.ts/,
  ],
  ['$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$x', /argon2, not supported/],
  ['$6$salt$hash', /crypt, not supported/],
  ['{SSHA}Ni0vmlQEMrA/xJd0yZ2Sh4bT2bJhYmNk', /another scheme, not supported/],
  ['secret', /is no hash/],
  ['', /is no hash/],
  ['$scrypt$ln=31,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44', /absurd cost/],
  ['$scrypt$ln=0,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44', /absurd cost/],
  ['$scrypt$ln=17,r=1,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44', /absurd cost/],
  ['$scrypt$N=1$salt$hash', /is no \$scrypt/],
  ['$apr1$abcdefgh$short', /is no \$apr1/],
  ['{SHA}short', /is no \{SHA\}/],
] as const) {
  test(`${JSON.stringify(text.slice(0, 30))} is refused with a reason`, () => {
    const read = readHash(text);
    assert.ok(read.verdict === 'bad');
    assert.match(read.why, why);
  });
}
