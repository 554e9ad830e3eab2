import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import type { LimitOptions } from '../site/guard-options.ts';
import { type Asked, Limits } from './limits.ts';

const me = { client: '192.0.2.1', fields: [] };

function stand(options: Readonly<Record<string, LimitOptions>>) {
  const clock = new ManualClock(0);
  return { clock, limits: new Limits(options, clock.read) };
}

function said(asked: Asked): string {
  if (asked.verdict === 'refuse') return `${asked.name} ${asked.why} ${asked.retryAfterMs}`;
  return asked.stay.waitMs > 0 ? `in after ${asked.stay.waitMs}` : 'in';
}

function entered(asked: Asked): Extract<Asked, { verdict: 'in' }> {
  assert.equal(asked.verdict, 'in');
  return asked as Extract<Asked, { verdict: 'in' }>;
}

test('each client has a count of its own', () => {
  const { limits } = stand({ a: { rate: '1/s' } });
  assert.deepEqual(
    [me, me, { ...me, client: '192.0.2.2' }].map((who) => said(limits.ask(['a'], who))),
    ['in', 'a rate-limited 1000', 'in'],
  );
});

test('who is refused by one limit costs the others nothing', () => {
  const { limits, clock } = stand({ a: { rate: '1/s', burst: 1 }, b: { rate: '1/m' } });
  assert.equal(said(limits.ask(['a', 'b'], me)), 'in');
  clock.advance(1000);
  for (let i = 0; i < 5; i++) assert.equal(said(limits.ask(['a', 'b'], me)), 'b rate-limited 59000');
  assert.deepEqual(
    [1, 2, 3].map(() => said(limits.ask(['a'], me))),
    ['in', 'in', 'a rate-limited 1000'],
  );
});

test('as many are here at once as may be, and who has gone makes room', () => {
  const { limits } = stand({ a: { concurrent: 2 } });
  const first = entered(limits.ask(['a'], me));
  limits.ask(['a'], me);
  assert.equal(said(limits.ask(['a'], me)), 'a too-many-at-once 0');
  assert.equal(said(limits.ask(['a'], { ...me, client: '192.0.2.2' })), 'in');
  first.stay.leave();
  assert.equal(said(limits.ask(['a'], me)), 'in');
});

test('who waits for his turn has the longest wait of all limits', () => {
  const { limits } = stand({ a: { rate: '10/s', burst: 5, delay: true }, b: { rate: '2/s', burst: 5, delay: true } });
  assert.deepEqual(
    [1, 2, 3].map(() => said(limits.ask(['a', 'b'], me))),
    ['in', 'in after 500', 'in after 1000'],
  );
});

test('who leaves while he waits leaves his turn to the next', () => {
  const { limits } = stand({ a: { rate: '1/s', burst: 1, delay: true } });
  limits.ask(['a'], me);
  const waiting = entered(limits.ask(['a'], me));
  assert.equal(said(limits.ask(['a'], me)), 'a rate-limited 1000');
  waiting.stay.abandon();
  waiting.stay.leave();
  assert.equal(said(limits.ask(['a'], me)), 'in after 1000');
  assert.deepEqual(limits.stats().a, {
    ...{ in: 1, delayed: 2, refusedRate: 1, refusedConcurrent: 0, dryRun: 0, abandoned: 1, keys: 1, here: 2 },
  });
});

test('a dry run says what it would have refused, delays nobody, and lets all in', () => {
  const { limits } = stand({
    a: { rate: '1/s', burst: 1, delay: true, dryRun: true },
    b: { concurrent: 1, dryRun: true },
  });
  const asked = [1, 2, 3].map(() => entered(limits.ask(['a', 'b'], me)));
  assert.deepEqual(
    asked.map(({ stay, dry }) => [stay.waitMs, ...dry.map(({ name, why }) => `${name} ${why}`)]),
    [[0], [0, 'b too-many-at-once'], [0, 'a rate-limited', 'b too-many-at-once']],
  );
  for (const { stay } of asked) stay.leave();
  assert.deepEqual(limits.stats().b, {
    ...{ in: 1, delayed: 0, refusedRate: 0, refusedConcurrent: 2, dryRun: 2, abandoned: 0, keys: 0, here: 0 },
  });
});

for (const [what, before, after, expected] of [
  ['stays as it is', { rate: '1/m' }, { rate: '1/m' }, 'a rate-limited 60000'],
  ['gets another rate', { rate: '1/h' }, { rate: '1/s' }, 'a rate-limited 1000'],
  ['counts by something else', { rate: '1/m' }, { rate: '1/m', by: { cookie: 'a' } }, 'in'],
  ['gets a rate at all', { concurrent: 5 }, { rate: '1/m' }, 'in'],
] as const) {
  test(`a limit that ${what} with the next site: ${expected}`, () => {
    const { limits } = stand({ a: before });
    limits.ask(['a'], me);
    limits.reconfigure({ a: after });
    assert.equal(said(limits.ask(['a'], me)), expected);
  });
}

test('a limit that goes with its site lets go of who is here, and is no limit any more', () => {
  const { limits } = stand({ a: { concurrent: 1 } });
  const { stay } = entered(limits.ask(['a'], me));
  limits.reconfigure({});
  assert.equal(said(limits.ask(['a'], me)), 'in');
  stay.leave();
  assert.deepEqual(limits.stats(), {});
});

test('each count of each limit is told to Prometheus with its name', () => {
  const { limits } = stand({ a: { rate: '1/s' } });
  limits.ask(['a'], me);
  limits.ask(['a'], me);
  const told = [...limits.counts()].filter(([, count]) => count > 0);
  assert.deepEqual(told, [
    [{ limit: 'a', verdict: 'in' }, 1],
    [{ limit: 'a', verdict: 'refusedRate' }, 1],
  ]);
});
