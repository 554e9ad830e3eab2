import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { openConductor } from './conducted.ts';

test('what workers are told before there are any, they are told once there are', async () => {
  await using conductor = openConductor('', pino({ level: 'silent' }));
  const heard: unknown[] = [];
  process.emit('SIGTTIN');
  process.emit('SIGHUP');
  const workers = {
    resize: (by: number) => heard.push(by),
    reload: async (why: string) => {
      heard.push(why);
      return { verdict: 'reloaded', generation: 2 } as const;
    },
  };
  conductor.conduct(workers);
  assert.deepEqual(heard, [1, 'SIGHUP']);
  // Told twice, by who starts the tier and by its life: nothing is repeated.
  conductor.conduct(workers);
  process.emit('SIGTTOU');
  await setImmediate();
  assert.deepEqual(heard, [1, 'SIGHUP', -1]);
});
