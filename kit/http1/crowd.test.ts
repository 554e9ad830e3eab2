import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../process/log.ts';
import { logExchange } from '../process/log.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { silentLog } from '../testing/silent.ts';
import { testListener } from '../testing/test-listener.ts';
import { placeFor } from './crowd.ts';

test('of a flood of connections one line a second tells, with their number; each is refused and counted', async () => {
  const lines: unknown[] = [];
  const log: Log = Object.assign(Object.create(silentLog), { error: (line: unknown) => void lines.push(line) });
  const server = await testListener({ limits: { maxConnections: 1 }, log });
  await using first = await rawConnect(server.port);
  await first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await first.readUntil('ok');
  for (let i = 0; i < 5; i++) assert.match(await rawExchange(server.port, ''), /^HTTP\/1\.1 503 /);
  const refused = server.records.filter(({ status }) => status === 503);
  assert.equal(refused.length, 5);
  for (const record of refused) logExchange(log, record);
  await server[Symbol.asyncDispose]();
  const said = lines.map((line) => Object(line).refused);
  assert.ok(said.length <= 3, String(said));
  assert.equal(
    said.reduce((sum, count) => sum + count, 0),
    5,
  );
});

for (const [open, place] of [
  [0, 'free'],
  [9, 'free'],
  [10, 'to-be-refused'],
  [265, 'to-be-refused'],
  [266, 'none'],
] as const) {
  test(`beside ${open} of 10 connections another is ${place}`, () => assert.equal(placeFor(open, 10), place));
}
