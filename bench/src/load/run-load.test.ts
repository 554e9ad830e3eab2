import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { LoadJob } from './load-job.ts';
import { runLoad } from './run-load.ts';
import { list } from './targets.ts';

async function serve(t: TestContext, answer: (target: string, response: ServerResponse) => void): Promise<number> {
  const server = createServer((request, response) => answer(request.url ?? '', response));
  t.after(() => server.closeAllConnections());
  return await listen(t, server);
}

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const job = (port: number, more: Partial<LoadJob> = {}): LoadJob => ({
  port,
  targets: list('/'),
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
  assert.ok(result.p50Ms <= result.p99Ms && result.p99Ms <= result.longestMs);
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
  await runLoad(job(port, { targets: list('/a', '/b', '/c'), requests: 5, connections: 1 }));
  assert.deepEqual(seen, ['/a', '/b', '/c', '/a', '/b']);
});

test('an answer that was not expected is counted by what it was, not as answered', async (t) => {
  const port = await serve(t, (target, response) => {
    if (target === '/bad') response.writeHead(502).end('oh');
    else if (target === '/long') response.end('long');
    else if (target === '/cut') response.destroy();
    else response.end('hi');
  });
  const targets = list('/', '/bad', '/long', '/cut');
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

test('a field goes with every request', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.headers['if-none-match'] === '"a"' ? 304 : 500).end();
  });
  const port = await listen(t, server);
  const expected = { status: 304, bodyBytes: 0 };
  const { answered } = await runLoad(job(port, { field: 'If-None-Match: "a"', expected }));
  assert.equal(answered, 40);
});

test('an upload goes with every request', async (t) => {
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(request.method === 'POST' && bytes === 100_000 ? 200 : 500).end('hi'));
  });
  const { answered } = await runLoad(job(await listen(t, server), { uploadBytes: 100_000 }));
  assert.equal(answered, 40);
});

test('with depth, so many requests are under way on each connection before the first is answered', async (t) => {
  const waiting: Socket[] = [];
  let heads = 0;
  const server = createNetServer((socket) => {
    socket.on('data', (bytes) => {
      const asked = bytes.toString('latin1').split('\r\n\r\n').length - 1;
      heads += asked;
      for (let n = 0; n < asked; n++) waiting.push(socket);
      // Nothing is answered before all that may be under way has come.
      if (heads < 8) return;
      for (const asking of waiting.splice(0)) asking.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    });
    socket.on('error', () => socket.destroy());
  });
  const result = await runLoad(job(await listen(t, server), { requests: 8, connections: 2, depth: 4 }));
  assert.deepEqual([result.answered, result.connectionsOpened, result.wrong], [8, 2, {}]);
});

test('a connection that breaks loses the request that was being answered; those behind it are asked again', async (t) => {
  let connections = 0;
  const server = createNetServer((socket) => {
    const isFirst = connections++ === 0;
    socket.on('data', (bytes) => {
      if (isFirst) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh');
        return;
      }
      for (const _ of bytes.toString('latin1').matchAll(/\r\n\r\n/g)) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
      }
    });
    socket.on('error', () => socket.destroy());
  });
  const result = await runLoad(job(await listen(t, server), { requests: 4, connections: 1, depth: 4 }));
  assert.deepEqual([result.answered, result.connectionsOpened], [3, 2]);
  assert.deepEqual(Object.values(result.wrong), [1]);
});
