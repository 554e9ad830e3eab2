import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limit } from './limit.ts';

/** Judges, and enters where that is allowed; says what came of it. */
function ask(limit: Limit, key: string, now = 0): string {
  const found = limit.judge(key, now);
  if (found.verdict === 'refuse') return `${found.why} ${found.retryAfterMs}`;
  limit.enter(key, found, now);
  return found.waitMs > 0 ? `in after ${found.waitMs}` : 'in';
}

test('a look changes nothing: neither who has come nor what is counted', () => {
  const limit = new Limit({ rate: '1/s', concurrent: 1 });
  const before = limit.stats();
  const looks = [1, 2, 3].map(() => limit.judge('a', 0));
  assert.deepEqual(looks, Array(3).fill({ verdict: 'in', waitMs: 0, due: 1000 }));
  assert.deepEqual(limit.stats(), before);
});

test('without a rate there is nothing to owe, and no key is remembered', () => {
  const limit = new Limit({ concurrent: 2 });
  assert.deepEqual(limit.judge('a', 0), { verdict: 'in', waitMs: 0, due: undefined });
  ask(limit, 'a');
  ask(limit, 'a');
  assert.deepEqual(limit.stats(), {
    ...{ in: 2, delayed: 0, refusedRate: 0, refusedConcurrent: 0, dryRun: 0, abandoned: 0, keys: 0, here: 2 },
  });
});

test('who is too many at once is told so before the rate is asked, and owes nothing for it', () => {
  const limit = new Limit({ rate: '1/s', burst: 1, concurrent: 1 });
  assert.deepEqual([ask(limit, 'a'), ask(limit, 'a'), ask(limit, 'b')], ['in', 'too-many-at-once 0', 'in']);
  limit.leave('a');
  assert.equal(ask(limit, 'a'), 'in');
  limit.leave('a');
  assert.equal(ask(limit, 'a'), 'rate-limited 1000');
});

test('who has gone leaves no key behind, and who goes twice makes no room for two', () => {
  const limit = new Limit({ concurrent: 2 });
  assert.deepEqual([ask(limit, 'a'), ask(limit, 'a'), ask(limit, 'a')], ['in', 'in', 'too-many-at-once 0']);
  for (let i = 0; i < 3; i++) limit.leave('a');
  assert.deepEqual([ask(limit, 'a'), ask(limit, 'a'), ask(limit, 'a')], ['in', 'in', 'too-many-at-once 0']);
});

test('the unsaid burst is 0, and nobody waits unless it says so', () => {
  assert.deepEqual(
    [0, 0].map((now) => ask(new Limit({ rate: '1/s', burst: 1 }), 'a', now)),
    ['in', 'in'],
  );
  const strict = new Limit({ rate: '1/s' });
  assert.deepEqual([ask(strict, 'a'), ask(strict, 'a')], ['in', 'rate-limited 1000']);
  const [quick, patient] = [new Limit({ rate: '1/s', burst: 1 }), new Limit({ rate: '1/s', burst: 1, delay: true })];
  assert.deepEqual([ask(quick, 'a'), ask(quick, 'a')], ['in', 'in']);
  assert.deepEqual([ask(patient, 'a'), ask(patient, 'a')], ['in', 'in after 1000']);
});

for (const [what, dryRun, counted] of [
  ['is carried out', false, 0],
  ['is not carried out', true, 3],
] as const) {
  test(`a refusal that ${what} is counted by its reason, and ${dryRun ? 'as a dry run besides' : 'no more'}`, () => {
    const limit = new Limit({ rate: '1/s', dryRun });
    limit.refuse('rate-limited');
    limit.refuse('too-many-at-once');
    limit.refuse('too-many-at-once');
    const { refusedRate, refusedConcurrent, dryRun: dry } = limit.counts;
    assert.deepEqual([refusedRate, refusedConcurrent, dry], [1, 2, counted]);
  });
}

test('of more keys than are kept the one that asked least recently is forgotten, not the one that is refused', () => {
  const limit = new Limit({ rate: '1/m' }, 2);
  const verdicts = ['busy', 'b', 'busy', 'c', 'busy', 'b'].map((key) => `${key} ${ask(limit, key).split(' ')[0]}`);
  assert.deepEqual(verdicts, ['busy in', 'b in', 'busy rate-limited', 'c in', 'busy rate-limited', 'b in']);
});

test('a turn that is given up is the next one’s; without a rate there is none to give up', () => {
  const limit = new Limit({ rate: '1/s', burst: 1, delay: true });
  assert.deepEqual([ask(limit, 'a'), ask(limit, 'a')], ['in', 'in after 1000']);
  limit.abandon('a');
  assert.equal(ask(limit, 'a'), 'in after 1000');
  const open = new Limit({ concurrent: 1 });
  open.abandon('a');
  assert.deepEqual([limit.counts.abandoned, open.counts.abandoned], [1, 1]);
});

test('who is here stays here when the rules change, and is let go of under the key he came by', () => {
  const limit = new Limit({ concurrent: 2 });
  ask(limit, 'a');
  ask(limit, 'a');
  limit.reconfigure({ concurrent: 1 }, 0);
  assert.deepEqual(limit.options, { concurrent: 1 });
  limit.leave('a');
  assert.equal(ask(limit, 'a'), 'too-many-at-once 0');
  limit.leave('a');
  assert.equal(ask(limit, 'a'), 'in');
});

test('what is owed is requests, whatever the rate: at ten times the rate a tenth of the time', () => {
  const limit = new Limit({ rate: '1/s', burst: 2 });
  for (let i = 0; i < 3; i++) ask(limit, 'a');
  limit.reconfigure({ rate: '10/s', burst: 2 }, 0);
  assert.equal(ask(limit, 'a'), 'rate-limited 100');
});

test('the client is what counts unless another key is said, so saying it changes nothing', () => {
  const limit = new Limit({ rate: '1/s' });
  ask(limit, 'a');
  limit.reconfigure({ rate: '1/s', by: 'client' }, 0);
  assert.equal(ask(limit, 'a'), 'rate-limited 1000');
  limit.reconfigure({ rate: '1/s', by: 'all' }, 0);
  assert.equal(ask(limit, 'a'), 'in');
});

test('what was owed at a rate that has gone is not owed at the next one', () => {
  const limit = new Limit({ rate: '1/h' });
  ask(limit, 'a');
  limit.reconfigure({ concurrent: 5 }, 0);
  limit.reconfigure({ rate: '1/s' }, 0);
  assert.equal(ask(limit, 'a'), 'in');
});
