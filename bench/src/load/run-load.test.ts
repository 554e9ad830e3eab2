import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { LoadJob } from './load-job.ts';
import { runLoad } from './run-load.ts';

async function serve(t: TestContext, answer: (target: string, response: ServerResponse) => void): Promise<number> {
  const server = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const job = (port: number, more: Partial<LoadJob> = {}): LoadJob => ({
  port,
  targets: ['/'],
  requests: 40,
  connections: 4,
  expected: { status: 200, bodyBytes: 2 },
  deadlineMs: 5_000,
  ...more,
});

test('every request is answered, over the connections it was told to use', async (t) => {
  const port = await serve(t, (_target, response) => response.end('hi'));
  const result = await runLoad(job(port));
  assert.equal(result.answered, 40);
  assert.deepEqual(result.wrong, {});
  assert.equal(result.connectionsOpened, 4);
  assert.ok(result.p50Ms <= result.p99Ms);
});

test('a server that closes after each answer is asked over a new connection each time', async (t) => {
  const port = await serve(t, (_target, response) => response.writeHead(200, { connection: 'close' }).end('hi'));
  const result = await runLoad(job(port));
  assert.equal(result.answered, 40);
  assert.equal(result.connectionsOpened, 40);
});

test('targets are asked in turn', async (t) => {
  const seen: string[] = [];
  const port = await serve(t, (target, response) => {
    seen.push(target);
    response.end('hi');
  });
  await runLoad(job(port, { targets: ['/a', '/b', '/c'], requests: 5, connections: 1 }));
  assert.deepEqual(seen, ['/a', '/b', '/c', '/a', '/b']);
});

test('an answer that was not expected is counted by what it was, not as answered', async (t) => {
  const port = await serve(t, (target, response) => {
    if (target === '/bad') response.writeHead(502).end('oh');
    else if (target === '/long') response.end('long');
    else if (target === '/cut') response.destroy();
    else response.end('hi');
  });
  const targets = ['/', '/bad', '/long', '/cut'];
  const result = await runLoad(job(port, { targets, requests: 8, connections: 1, isClosing: true }));
  assert.equal(result.answered, 2);
  const { 'status 502': refused, 'status 200 with 4 bytes': long, ...lost } = result.wrong;
  assert.deepEqual([refused, long, Object.values(lost)], [2, 2, [2]]);
});

test('a server that never answers is given up at the deadline', async (t) => {
  const port = await serve(t, () => undefined);
  const result = await runLoad(job(port, { deadlineMs: 50 }));
  assert.equal(result.answered, 0);
  assert.deepEqual(result.wrong, { 'unanswered at the deadline': 4 });
});
