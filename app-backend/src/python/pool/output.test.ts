import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '@trivet/kit/process/log.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { recordingLog } from '../../testing/serving.ts';
import { lineLogger, type Printed, WorkerOutput } from './output.ts';

function logger() {
  const { log, lines } = recordingLog();
  const warnings: unknown[] = [];
  const warned: Log = Object.assign(Object.create(log), { warn: (by: object) => void warnings.push(by) });
  const relayed: string[] = [];
  return { print: lineLogger({ log: warned, relay: (line) => void relayed.push(line) }), lines, warnings, relayed };
}

test('what a worker prints is in the log: its place and its process, errors as warnings', () => {
  const { print, lines, warnings } = logger();
  print('one', { stream: 'stdout', pid: 7, worker: 2 });
  print('two', { stream: 'stderr', pid: 8 });
  assert.deepEqual(lines, [{ from: 'stdout', worker: 2, workerPid: 7, msg: 'one' }]);
  assert.deepEqual(warnings, [{ from: 'stderr', workerPid: 8 }]);
});

const records: readonly [line: string, isRecord: boolean][] = [
  ['{"level":"info","msg":"x"}', true],
  ['{"level":30,"msg":"x"}', false],
  ['{"level":"info"}', false],
  ['{"msg":"x"}', false],
  ['{"level":"info","msg":', false],
  ['[1]', false],
];

for (const [line, isRecord] of records) {
  test(`${line} is ${isRecord ? 'a record of a log, and stays what it is' : 'text'}`, () => {
    const { print, lines, relayed } = logger();
    print(line, { stream: 'stdout', pid: 7 });
    assert.deepEqual([relayed, lines.length], isRecord ? [[line], 0] : [[], 1]);
  });
}

for (const stream of ['stdout', 'stderr'] as const) {
  test(`a worker’s ${stream} is read line by line${stream === 'stderr' ? ', and the last are kept' : ''}`, async () => {
    await using pair = await socketPair();
    const printed: [string, Printed][] = [];
    const output = new WorkerOutput((line, by) => void printed.push([line, by]));
    output.listen(pair.server, stream, { pid: 7, place: 2 });
    pair.client.end('one\ntwo');
    await eventually(() => assert.equal(printed.length, 2));
    const by = { stream, pid: 7, worker: 2 };
    assert.deepEqual(printed, [
      ['one', by],
      ['two', by],
    ]);
    assert.deepEqual(output.lastErrors, stream === 'stderr' ? ['one', 'two'] : []);
  });
}
