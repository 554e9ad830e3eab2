import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { together } from '../process/listening.ts';
import type { Address } from '../process/units.ts';
import { Barrier } from '../testing/barrier.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import type { Listener } from './listener.ts';

const anyPort: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-several-'));
const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** Of two that are TCP. */
function portsOf({ addresses }: Listener): readonly [number, number] {
  const [first, second] = addresses.flatMap((address) => (address.kind === 'tcp' ? [address.port] : []));
  assert.ok(first !== undefined && second !== undefined);
  return [first, second];
}

describe('a listener of several addresses', () => {
  for (const proxyProtocol of [false, true]) {
    test(`says by which a request came, PROXY protocol: ${proxyProtocol}`, async () => {
      await using folder = await newFolder();
      const path = join(folder.path, 's');
      await using server = await testListener({
        listen: together([anyPort, anyPort, { kind: 'unix', path }]),
        proxyProtocol,
        trusted: () => true,
        onRequest: ({ peer }, response) => void response.end(`<${peer.address} ${peer.at ?? 'first'}>`),
      });
      const { listener } = server;
      const [first, second] = portsOf(listener);
      assert.deepEqual([listener.url, listener.port], [`http://127.0.0.1:${first}`, first]);
      assert.deepEqual(
        listener.alsoAt.map(({ url, fd }) => [url, typeof fd]),
        [
          [`http://127.0.0.1:${second}`, 'number'],
          [`unix:${path}`, 'number'],
        ],
      );
      const preface = proxyProtocol ? 'PROXY TCP4 192.0.2.1 192.0.2.9 5 6\r\n' : '';
      const [tcp, unix] = proxyProtocol ? ['192.0.2.1', '192.0.2.1'] : ['127.0.0.1', 'unix'];
      for (const [where, said] of [
        [first, `<${tcp} first>`],
        [second, `<${tcp} 1>`],
        [path, `<${unix} 2>`],
      ] as const) {
        assert.match(await rawExchange(where, preface + get), new RegExp(said));
      }
    });
  }

  test('has one limit for all of them', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const held = new Barrier(1);
    await using server = await testListener({
      listen: together([anyPort, anyPort]),
      limits: { maxConnections: 1 },
      async onRequest(_, response) {
        resolve();
        await held.passed;
        response.end('ok');
      },
    });
    const [first, second] = portsOf(server.listener);
    const one = rawExchange(first, get);
    await asked;
    assert.match(await rawExchange(second, get), /^HTTP\/1.1 503 /);
    held.arrive();
    assert.match(await one, /^HTTP\/1.1 200 /);
  });

  test('is closed at each when it has drained', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 's');
    await using server = await testListener({ listen: together([anyPort, { kind: 'unix', path }, anyPort]) });
    const ports = portsOf(server.listener);
    assert.equal(await server.listener.drain(5_000), 'clean');
    for (const port of ports) {
      await assert.rejects(rawExchange(port, get), { code: 'ECONNREFUSED' });
    }
    assert.equal(existsSync(path), false);
  });

  test('is closed at each when it could not be opened at all of them', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 's');
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const listen = together([
      { kind: 'unix', path },
      { ...anyPort, port },
    ]);
    await assert.rejects(testListener({ listen }), { code: 'EADDRINUSE', port });
    assert.equal(existsSync(path), false);
  });
});
