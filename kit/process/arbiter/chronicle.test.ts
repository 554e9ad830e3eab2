import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { Chronicle, sayEnd } from './chronicle.ts';
import { type Member, type MemberEnd, newcomer, type Seat } from './member.ts';

type Line = Readonly<Record<string, unknown>>;

const crash: MemberEnd = { code: 1, signal: null, why: 'exit code 1' };
const well: MemberEnd = { code: 0, signal: null, why: 'exit code 0' };

function chronicle() {
  const lines: Line[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { past: new Chronicle(log), log, lines };
}

const seat = (over: Partial<Seat> = {}): Seat => ({ id: 1, place: 1, generation: 1, ...over });

const member = (over: Partial<Member> = {}): Member => ({
  ...newcomer(),
  ...seat(),
  ...{ pid: 1001, hasServed: true },
  retire: async () => undefined,
  signal: () => undefined,
  ...over,
});

describe('the end of one', () => {
  for (const [doom, code, reason, isFall] of [
    [undefined, 1, 'crashed', true],
    [undefined, 0, 'exited', true],
    [undefined, null, 'crashed', true],
    ['reload', 0, 'reload', false],
    ['outdated', null, 'reload', false],
    ['timeout', null, 'timeout', false],
    ['startup-timeout', null, 'startup-timeout', true],
  ] as const) {
    test(`with ${code}, ended for ${doom}, is ${reason}, and ${isFall ? 'a' : 'no'} fall`, () => {
      const { past } = chronicle();
      past.born(seat());
      if (doom !== undefined) past.doom(1, doom);
      const ended = past.ended(member(), { ...crash, code }, 1);
      assert.deepEqual([ended.reason, ended.delayMs !== undefined], [reason, isFall]);
      assert.deepEqual(past.restarts.byReason, { [reason]: 1 });
    });
  }

  test('has the reason that came first', () => {
    const { past } = chronicle();
    past.born(seat());
    past.doom(1, 'max-age');
    past.doom(1, 'timeout');
    assert.equal(past.ended(member(), crash, 1).reason, 'max-age');
  });

  test('is not that of who has its number next', () => {
    const { past } = chronicle();
    past.doom(1, 'reload');
    past.born(seat());
    assert.equal(past.ended(member(), crash, 1).reason, 'crashed');
  });

  test('of one that was not up in time says so', () => {
    const { past } = chronicle();
    past.born(seat({ place: 2 }));
    past.doom(1, 'startup-timeout');
    past.ended(member({ place: 2, hasServed: false }), crash, 2);
    assert.deepEqual(past.lastEnd, { worker: 2, why: 'it was not ready in time: exit code 1' });
  });
});

describe('a boot that failed', () => {
  test('is one that never served, or that the system would not start', () => {
    const { past } = chronicle();
    for (const id of [1, 2, 3]) past.born(seat({ id }));
    past.ended(member(), crash, 1);
    assert.equal(past.failedBoots, 0);
    past.ended(member({ id: 2, hasServed: false }), crash, 1);
    past.couldNotStart(seat({ id: 3, place: 4 }), 'EAGAIN', 1);
    assert.deepEqual([past.failedBoots, past.lastEnd], [2, { worker: 4, why: 'EAGAIN' }]);
    assert.ok(past.lastFall > 0);
  });

  test('is no reason to give up other code, and is forgotten when one serves, or the code is other', () => {
    const { past } = chronicle();
    assert.equal(past.reloaded(), 2);
    past.failedBoot(seat({ generation: 1 }), 0, 1);
    assert.equal(past.failedBoots, 0);
    const fresh = seat({ generation: 2 });
    past.failedBoot(fresh, 0, 1);
    past.served(seat({ generation: 1 }));
    assert.equal(past.failedBoots, 1);
    past.served(fresh);
    assert.equal(past.failedBoots, 0);
    past.failedBoot(fresh, 0, 1);
    past.reloaded();
    assert.deepEqual([past.failedBoots, past.restarts.notBefore(1)], [0, [0]]);
  });

  test('keeps its place empty for longer each time', () => {
    const { past } = chronicle();
    const delays = [0, 1, 2].map(() => past.failedBoot(seat(), 0, 9));
    assert.deepEqual(
      delays,
      delays.toSorted((a, b) => a - b),
    );
    assert.deepEqual([delays[0], new Set(delays).size > 1], [0, true]);
  });

  test('is told of as hopeless once, after five for each place', () => {
    const { past, lines } = chronicle();
    const told = Array.from({ length: 12 }, () => {
      past.failedBoot(seat(), 0, 2);
      return lines.length;
    });
    assert.deepEqual(told, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    assert.partialDeepStrictEqual(lines[0], { level: 50, failedBoots: 10 });
    assert.partialDeepStrictEqual(past.stats(2), { isRefused: true, isHopeless: true, wanted: 2, generation: 1 });
    assert.partialDeepStrictEqual(past.stats(3), { isRefused: true, isHopeless: false });
  });
});

describe('the log says', () => {
  for (const [reason, end, delayMs, level, msg] of [
    ['crashed', crash, 500, 50, 'puppet ended by exit code 1; another is started in 500ms'],
    ['exited', well, 0, 30, 'puppet ended by exit code 0; another is started in 0ms'],
    ['timeout', crash, undefined, 50, 'puppet hung, and ended by exit code 1; another has its place'],
    ['reload', well, undefined, 30, 'puppet was replaced'],
    ['max-age', crash, undefined, 40, 'puppet was replaced, and ended by exit code 1'],
  ] as const) {
    test(`${msg} (${reason})`, () => {
      const { log, lines } = chronicle();
      const ended = { reason, delayMs, livedMs: 12.6, end, record: { said: 'x' } };
      sayEnd(log, 'puppet', member({ place: 3, generation: 7 }), ended);
      const told = { worker: 3, workerPid: 1001, generation: 7, why: reason, code: end.code, livedMs: 13, said: 'x' };
      assert.partialDeepStrictEqual(lines, [{ level, msg, ...told }]);
    });
  }
});
