import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { PasswordCheck } from './password-check.ts';
import { readPasswordFile } from './password-file.ts';
import { isPassword, type PasswordHash } from './password-hash.ts';

const { users } = readPasswordFile(
  'ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nbob:$apr1$12345678$sHuPAw7VA9xjRbJz7zKV7/\n',
);

function credentials(name: string, password: string) {
  return { name, password: Buffer.from(password) };
}

/** Counts what is computed; while `gate` is closed nothing ends. */
function stand(gate: Promise<void> = Promise.resolve()) {
  const clock = new ManualClock(0);
  const computed: PasswordHash['kind'][] = [];
  let running = 0;
  let most = 0;
  const check = new PasswordCheck({
    clock: clock.read,
    async isPassword(password, hash) {
      computed.push(hash.kind);
      most = Math.max(most, ++running);
      await gate;
      running--;
      return await isPassword(password, hash);
    },
  });
  return { clock, check, computed, mostAtOnce: () => most };
}

test('what was right is remembered for a minute, what was wrong is not', async () => {
  const { check, computed, clock } = stand();
  for (let i = 0; i < 3; i++) assert.equal(await check.isRight(users, credentials('ada', 'password')), true);
  assert.equal(computed.length, 1);
  for (let i = 0; i < 3; i++) assert.equal(await check.isRight(users, credentials('ada', 'Password')), false);
  assert.equal(computed.length, 4);
  clock.advance(60_000);
  assert.equal(await check.isRight(users, credentials('ada', 'password')), true);
  assert.equal(computed.length, 5);
});

test('another password in the file is in force at once, and so is its removal', async () => {
  const { check } = stand();
  assert.equal(await check.isRight(users, credentials('ada', 'password')), true);
  const others = readPasswordFile('ada:$apr1$12345678$sHuPAw7VA9xjRbJz7zKV7/').users;
  assert.equal(await check.isRight(others, credentials('ada', 'password')), false);
  assert.equal(await check.isRight(others, credentials('ada', '')), true);
  assert.equal(await check.isRight(new Map(), credentials('ada', '')), false);
});

test('a name that nobody has costs a hash, too, and always the same kind', async () => {
  const { check, computed } = stand();
  const names = Array.from({ length: 20 }, (_, i) => `nobody ${i}`);
  for (const name of [...names, ...names]) assert.equal(await check.isRight(users, credentials(name, '')), false);
  assert.equal(computed.length, 40);
  assert.deepEqual(computed.slice(0, 20), computed.slice(20));
  assert.equal(new Set(computed).size, 2);
});

test('a decoy that happens to fit lets nobody in', async () => {
  const { check } = stand();
  for (const name of ['x', 'y', 'z', 'w']) {
    for (const password of ['password', '']) {
      assert.equal(await check.isRight(users, credentials(name, password)), false);
    }
  }
});

test('the same words at once are computed once', async () => {
  const gate = Promise.withResolvers<void>();
  const { check, computed } = stand(gate.promise);
  const all = Promise.all(Array.from({ length: 6 }, () => check.isRight(users, credentials('ada', 'password'))));
  gate.resolve();
  assert.deepEqual(await all, Array(6).fill(true));
  assert.equal(computed.length, 1);
});

test('two are computed at once, some wait, and more than that are turned away', async () => {
  const gate = Promise.withResolvers<void>();
  const { check, computed, mostAtOnce } = stand(gate.promise);
  const all = Promise.allSettled(
    Array.from({ length: 70 }, (_, i) => check.isRight(users, credentials('ada', `wrong ${i}`))),
  );
  gate.resolve();
  const outcomes = await all;
  const turnedAway = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(turnedAway.length, 4);
  for (const { reason } of turnedAway as PromiseRejectedResult[]) assert.equal(reason.reason, 'too-many-passwords');
  assert.deepEqual([computed.length, mostAtOnce()], [66, 2]);
});
