import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { silentLog } from '../testing/silent.ts';
import { closeInTime } from './close-in-time.ts';

test('what does not close keeps nobody waiting, and is told of', async () => {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) });
  const own = new AsyncDisposableStack();
  own.defer(() => new Promise(() => undefined));
  await closeInTime(own, log, 1);
  assert.deepEqual(lines, ['{"level":50,"msg":"not everything was closed after 1ms; the process ends without"}\n']);
});

test('what fails to close is thrown', async () => {
  const own = new AsyncDisposableStack();
  own.defer(() => Promise.reject(new Error('stuck')));
  await assert.rejects(closeInTime(own, silentLog), /stuck/);
});
