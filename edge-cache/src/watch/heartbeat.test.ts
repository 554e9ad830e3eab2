import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { LiveLog } from './live-log.ts';

test('a listener hears that the log still lives while nothing happens', async () => {
  const log = new LiveLog({ region: 'here', clock: () => 0, heartbeatMs: 10 });
  await using server = createServer((_request, response) => log.listen(response, { matches: undefined, limit: 1 }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  let heard = '';
  for await (const chunk of response.body ?? []) {
    heard += Buffer.from(chunk).toString();
    if (heard.includes(': still here\n\n: still here\n\n')) break;
  }
  assert.match(heard, /^: listening\n\n(?:: still here\n\n)+$/);
  log.end('over');
});
