import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { type FastAnswer, type FastLane, type Given, guarded } from './fast-lane.ts';
import { plainInbound } from './inbound.ts';

const head = { method: 'GET', target: '/', host: 'a', fields: [], isLast: false } as const;
const peer = { address: '127.0.0.1', port: 1, trusted: false };
const inbound = plainInbound(head, peer, { trusted: () => false }, 0);
const answer: FastAnswer = { status: 200, head: 'HTTP/1.1 200 OK\r\n', hasDate: false, body: [] };
const given: Given = { bytes: 1, ms: 1, outcome: 'done' };
const bug = new Error('a bug');

const notCalled = () => assert.fail('this is not to be called');

const broken: FastLane = {
  answer() {
    throw bug;
  },
  onAnswered() {
    throw bug;
  },
};

describe('a guarded lane', () => {
  for (const [what, found] of [
    ['an answer', answer],
    ['that there is none', undefined],
  ] as const) {
    test(`passes on ${what}, as it is`, () => {
      const asked: unknown[] = [];
      const lane: FastLane = {
        answer(of) {
          asked.push(of);
          return found;
        },
        onAnswered: notCalled,
      };
      assert.equal(guarded(lane, notCalled).answer(inbound), found);
      assert.deepEqual(asked, [inbound]);
    });
  }

  test('tells how an answer went', () => {
    const told: unknown[][] = [];
    const lane: FastLane = { answer: notCalled, onAnswered: (...all) => void told.push(all) };
    guarded(lane, notCalled).onAnswered(inbound, answer, given);
    assert.deepEqual(told, [[inbound, answer, given]]);
  });

  test('calls a lane that is an object with a state as its method', () => {
    class Counting implements FastLane {
      #count = 0;
      answer(): FastAnswer {
        this.#count += 1;
        return { ...answer, status: 200 + this.#count };
      }
      onAnswered(): void {
        this.#count += 10;
      }
    }
    const lane = guarded(new Counting(), notCalled);
    lane.onAnswered(inbound, answer, given);
    assert.equal(lane.answer(inbound)?.status, 211);
  });

  test('that throws when it is asked has no answer, and the failure is told once', () => {
    const failures: unknown[] = [];
    assert.equal(guarded(broken, (error) => failures.push(error)).answer(inbound), undefined);
    assert.deepEqual(failures, [bug]);
  });

  test('that throws when it is told how an answer went does not throw, and the failure is told once', () => {
    const failures: unknown[] = [];
    guarded(broken, (error) => failures.push(error)).onAnswered(inbound, answer, given);
    assert.deepEqual(failures, [bug]);
  });
});

describe('behind a listener, a lane that throws', () => {
  for (const [when, options, slow] of [
    ['when it is asked leaves every request to the slow lane', { answer: broken.answer }, ['/fast/1', '/fast/2']],
    ['when it is told how it went loses no connection', { onAnswered: broken.onAnswered }, []],
  ] as const) {
    test(when, async () => {
      await using stand = await laneStand(options);
      const text = await rawExchange(stand.port, get('/fast/1') + get('/fast/2', 'Connection: close\r\n'));
      assert.deepEqual(statuses(text), [200, 200]);
      assert.deepEqual(stand.slow, slow);
    });
  }
});
