import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { listenSomewhere } from '@trivet/kit/testing/place.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { guarded } from './guarded.ts';
import type { Watchdog } from './watchdog.ts';

type Handle = ReturnType<typeof guarded>;

/** A server whose requests are guarded; `isFull`: nobody more can be. */
async function serving(handle: (heard: string[]) => Handle, isFull = false) {
  const heard: string[] = [];
  const watchdog = {
    guard(fd: number, isHead: boolean, id: string) {
      heard.push(`guard ${fd > 2} ${isHead} ${id}`);
      return isFull ? undefined : 7;
    },
    release: (entry: number | undefined) => void (entry !== undefined && heard.push(`release ${entry}`)),
  } as unknown as Watchdog;
  const guardedHandle = guarded(watchdog, handle(heard));
  const server = createServer((request, response) =>
    guardedHandle({ method: request.method, id: 'id' } as Inbound, response),
  );
  const { port } = await listenSomewhere(server);
  const dispose = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { port, heard, [Symbol.asyncDispose]: dispose };
}

const get = (method = 'GET') => `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

describe('a request in the slow lane', () => {
  for (const [what, respond] of [
    ['that is written', 'explicit'],
    ['that nobody has written', 'implicit'],
  ] as const) {
    test(`is guarded until a head goes out ${what}, and no longer`, async () => {
      await using server = await serving((heard) => (_, response) => {
        heard.push('asked');
        if (respond === 'explicit') response.writeHead(201, ['X-A', 'b']);
        response.write('x');
        heard.push('begun');
        response.end();
      });
      const answer = await rawExchange(server.port, get('HEAD'));
      assert.match(answer, respond === 'explicit' ? /^HTTP\/1\.1 201 [\s\S]*X-A: b/ : /^HTTP\/1\.1 200 /);
      assert.deepEqual(server.heard, ['guard true true id', 'asked', 'release 7', 'begun']);
    });
  }

  test('is not guarded any more when its client has left', async () => {
    await using server = await serving(() => () => undefined);
    await using client = await rawConnect(server.port);
    await client.write(get());
    await eventually(() => assert.deepEqual(server.heard, ['guard true false id']));
    client.socket.destroy();
    await eventually(() => assert.deepEqual(server.heard.slice(1), ['release 7']));
  });

  test('is answered also where there is no room for it', async () => {
    await using server = await serving(() => (_, response) => void response.end('x'), true);
    assert.match(await rawExchange(server.port, get()), /^HTTP\/1\.1 200 /);
    assert.deepEqual(server.heard, ['guard true false id']);
  });
});

test('without a watchdog nothing is between', () => {
  const handle: Handle = () => undefined;
  assert.equal(guarded(undefined, handle), handle);
});
