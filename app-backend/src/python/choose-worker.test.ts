import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Candidate, chooseWorker } from './choose-worker.ts';

type Named = Candidate & { readonly name: string };

const worker = (name: string, busy: number, idle: number, usedAt = 0): Named => ({
  ...{ name, busy, idle, usedAt, isRetired: false },
});
const retired = (name: string, usedAt: number): Named => ({ ...worker(name, 0, 1, usedAt), isRetired: true });

const rows: readonly [what: string, workers: readonly Named[], chosen: string | undefined][] = [
  ['nobody where there is none', [], undefined],
  ['the one that there is', [worker('a', 3, 1)], 'a'],
  ['the one with the fewest requests', [worker('a', 2, 1), worker('b', 1, 1), worker('c', 3, 9)], 'b'],
  ['the one with fewer requests, though another was used later', [worker('a', 0, 1, 1), worker('b', 1, 1, 9)], 'a'],
  ['of equals the one used last, wherever it stands', [worker('a', 1, 1, 2), worker('b', 1, 1, 3)], 'b'],
  ['of equals the one used last, when it is first', [worker('a', 1, 1, 3), worker('b', 1, 1, 2)], 'a'],
  ['of equals in all the first', [worker('a', 1, 1), worker('b', 1, 1)], 'a'],
  ['none without a free slot', [worker('a', 0, 0), worker('b', 5, 1)], 'b'],
  ['none that is retired', [retired('a', 9), worker('b', 5, 1)], 'b'],
  ['nobody where all are full or retired', [worker('a', 1, 0), retired('b', 0)], undefined],
];

for (const [what, workers, chosen] of rows) {
  test(`a request is given to ${what}`, () => assert.equal(chooseWorker(workers)?.name, chosen));
}
