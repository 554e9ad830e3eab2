import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Underway } from './messages.ts';
import { tellUnderway } from './underway.ts';

const request = (id: string, ms: number): Underway => ({ id, ms, method: 'GET', target: '/' });

function stand(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const told: (readonly Underway[])[] = [];
  const before = process.listenerCount('uncaughtExceptionMonitor');
  const crashes = () => process.listenerCount('uncaughtExceptionMonitor') - before;
  let all: Underway[] = [];
  const telling = tellUnderway((olderThanMs) => all.filter(({ ms }) => ms >= olderThanMs), {
    underway: (requests) => void told.push(requests),
  });
  const ids = () => told.map((requests) => requests.map(({ id }) => id).join());
  const look = (...requests: Underway[]) => {
    all = requests;
    t.mock.timers.tick(1_000);
    return ids();
  };
  return { look, ids, crashes, told, telling };
}

test('what takes longer than a second is told as it comes and goes, and not again and again', (t) => {
  const { look, telling } = stand(t);
  using _ = telling;
  assert.deepEqual(look(request('young', 999)), []);
  assert.deepEqual(look(request('a', 1_000), request('young', 5)), ['a']);
  assert.deepEqual(look(request('a', 2_000)), ['a']);
  assert.deepEqual(look(request('a', 3_000), request('b', 1_000)), ['a', 'a,b']);
  assert.deepEqual(look(), ['a', 'a,b', '']);
});

test('of very many some are told', (t) => {
  const { look, told, telling } = stand(t);
  using _ = telling;
  look(...Array.from({ length: 40 }, (_, index) => request(String(index), 5_000)));
  assert.equal(told[0]?.length, 16);
});

test('a process that crashes tells of all, also the young; one that is done tells of nothing', (t) => {
  const { look, ids, crashes, telling } = stand(t);
  look(request('young', 1));
  assert.equal(crashes(), 1);
  process.listeners('uncaughtExceptionMonitor').at(-1)?.(new Error('a bug'), 'uncaughtException');
  assert.deepEqual(ids(), ['young']);
  telling[Symbol.dispose]();
  assert.equal(crashes(), 0);
  assert.deepEqual(look(request('a', 9_000)), ['young']);
});
