import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ends, howOf, type WorkerEndRecord, whyOf } from './ends.ts';

const ends = [
  [{ code: 1, signal: null }, 'exit code 1'],
  [{ code: 0, signal: null }, 'exit code 0'],
  [{ code: null, signal: 'SIGKILL' }, 'SIGKILL'],
  [{ code: null, signal: null }, 'an end that nobody saw'],
] as const;

for (const [end, how] of ends) {
  test(`${JSON.stringify(end)} is ${how}`, () => assert.equal(howOf(end), how));
}

test('why one ended has what it said last, unless all went well', () => {
  assert.equal(whyOf({ code: 1, signal: null }, 'no module'), 'exit code 1: no module');
  assert.equal(whyOf({ code: null, signal: 'SIGSEGV' }, ''), 'SIGSEGV');
  assert.equal(whyOf({ code: 0, signal: null }, 'bye'), 'exit code 0');
});

const ended = (pid: number, end: Partial<WorkerEndRecord> = {}): WorkerEndRecord => ({
  ...{ worker: 1, pid, generation: 1, code: 1, signal: null, why: '', livedSeconds: 1, stderr: [], requests: [] },
  ...end,
});

test('the last end is known in full, those of the last 256 workers in a word', () => {
  const known = new Ends();
  assert.deepEqual([known.last, known.howEnded(0)], [undefined, undefined]);
  for (let id = 0; id < 257; id += 1) known.note(id, ended(1000 + id));
  assert.equal(known.last?.pid, 1256);
  assert.deepEqual(
    [known.howEnded(0), known.howEnded(1), known.howEnded(256)],
    [undefined, 'exit code 1', 'exit code 1'],
  );
});

test('a worker whose end nobody saw has no exit code', () => {
  const known = new Ends();
  known.note(1, ended(1, { code: null }));
  assert.equal(known.howEnded(1), 'an end that nobody saw');
});
