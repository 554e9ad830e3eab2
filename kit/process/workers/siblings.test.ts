import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../testing/silent.ts';
import type { FromWorker } from './messages.ts';
import { Siblings } from './siblings.ts';

function stand() {
  const said: FromWorker[] = [];
  let hear: (message: unknown) => void = () => assert.fail('nobody listens');
  const line = {
    send: (message: FromWorker) => void said.push(message),
    listen: (given: (message: unknown) => void) => {
      hear = given;
    },
  };
  const siblings = new Siblings(line, silentLog);
  return { siblings, said, tell: (message: unknown) => hear(message) };
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
