import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { askForPassword } from './basic-auth.ts';
import { PasswordCheck } from './password-check.ts';
import { usersOf } from './password-file.ts';

const users = usersOf({ ada: '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' });

/** A route's question for name and password; `reads` counts how often the users were looked up. */
function stand(realm = 'r') {
  let reads = 0;
  const list = {
    users: async () => {
      reads++;
      return users;
    },
  };
  const basicAuth = { realm, list, check: new PasswordCheck({ clock: () => 0 }) };
  return { basicAuth, reads: () => reads };
}

function asked(words: string): string[] {
  return ['Authorization', `Basic ${Buffer.from(words).toString('base64')}`];
}

test('a user with his password comes in', async () => {
  await askForPassword(stand().basicAuth, asked('ada:password'));
});

for (const [what, fields] of [
  ['nothing', []],
  ['another password', asked('ada:Password')],
  ['another name', asked('bob:password')],
  ['the password alone', asked('password')],
  ['the words in the field of a proxy', ['Proxy-Authorization', asked('ada:password')[1] ?? '']],
] as const) {
  test(`who says ${what} is asked for the realm, and told no more`, async () => {
    const refusal = await askForPassword(stand('the house').basicAuth, fields).catch((fault: Fault) => fault);
    assert.ok(refusal);
    assert.deepEqual(
      [refusal.reason, refusal.status, refusal.message],
      ['not-authenticated', 401, 'name and password are needed here'],
    );
    assert.deepEqual(refusal.fields, ['WWW-Authenticate', 'Basic realm="the house", charset="UTF-8"']);
  });
}

test('the users are looked up for each who says something, and for nobody else', async () => {
  const { basicAuth, reads } = stand();
  await assert.rejects(askForPassword(basicAuth, []));
  assert.equal(reads(), 0);
  for (let i = 0; i < 2; i++) await askForPassword(basicAuth, asked('ada:password'));
  assert.equal(reads(), 2);
});

test('users who cannot be looked up let nobody in', async () => {
  const list = { users: () => Promise.reject(new Error('the disk is gone')) };
  await assert.rejects(askForPassword({ ...stand().basicAuth, list }, asked('ada:password')), /the disk is gone/);
});
