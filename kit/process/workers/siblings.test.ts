import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../testing/silent.ts';
import type { FromWorker } from './messages.ts';
import { Siblings } from './siblings.ts';

function stand() {
  const said: FromWorker[] = [];
  let hear: (message: unknown) => void = () => assert.fail('nobody listens');
  let leave: () => void = () => assert.fail('nobody minds');
  const line = {
    send: (message: FromWorker) => void said.push(message),
    listen: (given: (message: unknown) => void) => {
      hear = given;
    },
    whenGone: (given: () => void) => {
      leave = given;
    },
  };
  const siblings = new Siblings(line, silentLog);
  return { siblings, said, tell: (message: unknown) => hear(message), leave: () => leave() };
}

test('a worker joins, carries out what others tell, and confirms it', () => {
  const { siblings, said, tell } = stand();
  siblings.join((what) => `did ${what}`);
  tell({ trivet: 'do', id: 7, what: 'x' });
  assert.deepEqual(said, [{ trivet: 'joins' }, { trivet: 'done', id: 7, answer: 'did x' }]);
});

test('what it cannot carry out it says', () => {
  const { siblings, said, tell } = stand();
  siblings.join(() => assert.fail('no'));
  tell({ trivet: 'do', id: 7, what: 'x' });
  assert.deepEqual(said.at(-1), { trivet: 'undone', id: 7 });
});

test('what it tells itself is done when it hears so, each for itself', async () => {
  const { siblings, said, tell } = stand();
  const [one, other] = [siblings.tell('a'), siblings.tell('b')];
  assert.deepEqual(said, [
    { trivet: 'tell', id: 1, what: 'a' },
    { trivet: 'tell', id: 2, what: 'b' },
  ]);
  tell({ cmd: 'NODE_SOMETHING' });
  tell({ trivet: 'told', id: 2, answers: ['B'], missing: [] });
  assert.deepEqual(await other, { answers: ['B'], missing: [] });
  tell({ trivet: 'told', id: 1, answers: [], missing: [3] });
  assert.deepEqual(await one, { answers: [], missing: [3] });
});

/** What it has come to by now, without any wait. */
const byNow = (told: Promise<unknown>) => Promise.race([told, Promise.resolve('still open')]);

test('what is open when the primary goes is unconfirmed at once, and what was confirmed stays so', async () => {
  const { siblings, tell, leave } = stand();
  const [done, one, other] = [siblings.tell('a'), siblings.tell('b'), siblings.tell('c')];
  tell({ trivet: 'told', id: 1, answers: ['A'], missing: [] });
  assert.equal(await byNow(one), 'still open');
  leave();
  assert.deepEqual(await byNow(done), { answers: ['A'], missing: [] });
  for (const open of [one, other]) assert.deepEqual(await byNow(open), { answers: [], missing: [0] });
});

test('without a primary nothing is confirmed, and nobody is told or waited for', async () => {
  const { siblings, said, leave } = stand();
  leave();
  assert.deepEqual(await byNow(siblings.tell('a')), { answers: [], missing: [0] });
  assert.deepEqual(said, []);
});

test('a primary that hangs is waited for five seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { siblings } = stand();
  const told = siblings.tell('a');
  t.mock.timers.tick(4_999);
  assert.equal(await byNow(told), 'still open');
  t.mock.timers.tick(1);
  assert.deepEqual(await byNow(told), { answers: [], missing: [0] });
});
