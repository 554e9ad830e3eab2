// Clients that have ended their side of the connection, as `nc -N` does: what this tier answers by itself they get.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from './define-site.ts';
import { readReply, runFront } from './testing/running-front.ts';

const site: Site = {
  limits: { slow: { rate: '6/m', burst: 1, delay: true } },
  routes: [
    { path: '/old/', redirect: '/new/' },
    { path: '/api/', proxy: 'app' },
    { path: '/asked/', files: '.', authRequest: { proxy: 'app', path: '/auth' } },
    { path: '/waits/', files: '.', limits: ['slow'] },
    { path: '/app/', files: '.', otherwise: { proxy: 'app' } },
    { path: '/', files: '.' },
  ],
};
const large = 'x'.repeat(3_000_000);

async function stand() {
  await using own = new AsyncDisposableStack();
  let closed = 0;
  const app = own.use(await rawOrigin((socket) => void socket.on('close', () => closed++)));
  const tree = own.use(
    await fileTree({ 'f.txt': 'f', 'large.txt': large, 'app/f.txt': 'a', 'asked/f.txt': 's', 'waits/f.txt': 'w' }),
  );
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const all = own.move();
  const ask = async (target: string, isLate = false) => {
    await using client = await rawConnect(front.port);
    await client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    if (isLate) await eventually(() => assert.match(app.received, /GET/));
    client.end();
    await client.closed;
    return client.received;
  };
  return { app, front, ask, closed: () => closed, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

describe('a client that has no more to say', () => {
  for (const [target, status, body] of [
    ['/f.txt', 200, 'f'],
    ['/large.txt', 200, large],
    ['/app/f.txt', 200, 'a'],
    ['/none', 404, undefined],
    ['/old/x', 301, undefined],
  ] as const) {
    test(`gets what is answered here: ${target}`, async () => {
      await using it = await stand();
      const reply = readReply(await it.ask(target));
      assert.equal(reply.status, status);
      if (body !== undefined) assert.ok(reply.body === body);
      const record = await eventually(() => it.front.records[0] ?? assert.fail('no record yet'));
      assert.deepEqual([record.status, record.outcome], [status, 'done']);
    });
  }

  for (const [target, isLate] of [
    ['/api/x', false],
    ['/api/x', true],
    ['/app/none', false],
    ['/app/none', true],
    ['/asked/f.txt', false],
    ['/asked/f.txt', true],
  ] as const) {
    test(`has left what the app works on${isLate ? ' already' : ''}: ${target}`, async () => {
      await using it = await stand();
      assert.equal(await it.ask(target, isLate), '');
      const record = await eventually(() => it.front.records[0] ?? assert.fail('no record yet'));
      assert.deepEqual([record.status, record.outcome], [499, 'client-left']);
      await eventually(() => assert.equal(it.closed(), it.app.connections));
      assert.equal(it.front.upstreams.byName.get('app')?.stats()[0]?.inFlight, 0);
    });
  }

  test('has left the line in which it waits for its turn', async () => {
    await using it = await stand();
    assert.equal(readReply(await it.ask('/waits/f.txt')).status, 200);
    assert.equal(await it.ask('/waits/f.txt'), '');
    assert.equal((await eventually(() => it.front.records[1] ?? assert.fail('no record yet'))).status, 499);
  });
});
