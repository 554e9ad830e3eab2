import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Given, ReplyEnd, Seat } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { AccessLog } from '@trivet/kit/process/access-log.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { concludeWith, fastLane } from './fast-lane.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

const inbound: Inbound = {
  ...{ id: 'a', method: 'GET', target: '/x', host: 'h', scheme: 'http', version: '1.1', fields: [], client: '::1' },
  peer: { address: '::1', trusted: false } as Inbound['peer'],
  ...{ body: undefined, bodyLength: undefined, receivedAt: 0 },
};

const seat: Seat = { clearFd: 20, take: () => assert.fail('nobody takes it') };

type Serve = Gateway['serve'];

/** A lane whose gateway does this; `guards` are entries of the watchdog that were made and given up. */
function laneOf(serve: Serve, isElsewhere = false) {
  const guards: string[] = [];
  const concluded: ReplyEnd[] = [];
  const watchdog = {
    guard: (fd: number) => guards.push(`guard ${fd}`),
    release: (entry: number) => void guards.push(`release ${entry}`),
  } as unknown as Watchdog;
  const lane = fastLane(() => ({ serve }), {
    ...{ serverTiming: false, watchdog, isElsewhere: () => isElsewhere },
    conclude: (_inbound, end) => void concluded.push(end),
  });
  return { lane, guards, concluded };
}

const answering: Serve = (_inbound, outlet) => {
  outlet.head({ status: 204, reason: 'No Content', fields: [] });
  outlet.end();
  return true;
};

describe('the fast lane of the app tier', () => {
  test('has nothing in memory', () => {
    assert.equal(laneOf(answering).lane.answer(inbound), undefined);
  });

  test('gives what the gateway answers at once, and concludes it once it is given', () => {
    const { lane, guards, concluded } = laneOf(answering);
    const answer = lane.serve?.(inbound, seat);
    assert.ok(typeof answer === 'object');
    assert.deepEqual([answer.status, guards, concluded], [204, ['guard 20', 'release 1'], []]);
    const given: Given = { bytes: 9, ms: 1, outcome: 'done' };
    lane.onAnswered(inbound, answer, given);
    assert.deepEqual(concluded, [{ ...given, status: 204 }]);
  });

  test('leaves what the gateway does not serve to the slow lane, not guarded', () => {
    const { lane, guards } = laneOf(() => false);
    assert.equal(lane.serve?.(inbound, seat), undefined);
    assert.deepEqual(guards, ['guard 20', 'release 1']);
  });

  test('asks the gateway for nothing that somebody else answers', () => {
    const { lane, guards } = laneOf(() => assert.fail('it was asked'), true);
    assert.equal(lane.serve?.(inbound, seat), undefined);
    assert.deepEqual(guards, []);
  });

  test('does not guard what failed', () => {
    const { lane, guards } = laneOf(() => {
      throw new Error('a bug');
    });
    assert.throws(() => lane.serve?.(inbound, seat), /a bug/);
    assert.deepEqual(guards, ['guard 20', 'release 1']);
  });

  test('concludes no answers of others', () => {
    const { lane, concluded } = laneOf(answering);
    const other = { status: 200, head: '', hasDate: false, body: [] };
    lane.onAnswered(inbound, other, { bytes: 9, ms: 1, outcome: 'done' });
    assert.deepEqual(concluded, []);
  });
});

describe('an exchange that is over', () => {
  const end: ReplyEnd = { status: 200, bytes: 9, ms: 1, outcome: 'done' };
  function concluding(wants: boolean) {
    const heard: string[] = [];
    const told = (what: string) => (record: ExchangeRecord) => void heard.push(`${what} ${record.status}`);
    const metrics = {
      exchange: told('recorded'),
      count: (_slot: number, ms: number, bytes: number) => heard.push(`counted ${ms} ${bytes}`),
    };
    const log = { exchange: told('logged'), write: told('written'), wants: () => wants };
    return { heard, conclude: concludeWith(metrics as unknown as Metrics, log as unknown as AccessLog) };
  }

  for (const [what, wants, extra, expected] of [
    ['is counted', false, undefined, ['counted 1 9']],
    ['is counted, and written where somebody reads it', true, undefined, ['counted 1 9', 'written 200']],
    [
      'with a fault is recorded and logged by all means',
      false,
      { fault: new Fault('internal', 'x') },
      ['recorded 200', 'logged 200'],
    ],
  ] as const) {
    test(what, () => {
      const { heard, conclude } = concluding(wants);
      conclude(inbound, end, extra);
      assert.deepEqual(heard, expected);
    });
  }
});
