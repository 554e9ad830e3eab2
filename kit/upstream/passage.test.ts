import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { type RawClient, rawConnect } from '../testing/raw-client.ts';
import { type RawOrigin, rawOrigin } from '../testing/scripted-origin.ts';
import {
  handshake,
  onRequestHead,
  switched,
  type TunnelStand,
  type TunnelTimeouts,
  tunnelStand,
} from '../testing/tunnel-stand.ts';

/** Both ends of one open tunnel. */
class OpenTunnel implements AsyncDisposable {
  readonly origin: RawOrigin;
  readonly stand: TunnelStand;
  readonly client: RawClient;
  /** The upstream's end, and what came to it behind the head. */
  readonly server: Socket;
  heard = '';

  constructor(origin: RawOrigin, stand: TunnelStand, client: RawClient, server: Socket) {
    this.origin = origin;
    this.stand = stand;
    this.client = client;
    this.server = server;
    server.on('data', (chunk: Buffer) => {
      this.heard += chunk.toString('latin1');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.stand[Symbol.asyncDispose]();
    await this.origin[Symbol.asyncDispose]();
  }
}

async function openTunnel(timeouts?: TunnelTimeouts): Promise<OpenTunnel> {
  const accepted = Promise.withResolvers<Socket>();
  const origin = await rawOrigin((socket) => {
    // Neither end closes its own direction because the other one did.
    socket.allowHalfOpen = true;
    onRequestHead(socket, () => {
      socket.write(switched);
      accepted.resolve(socket);
    });
  });
  const stand = await tunnelStand([origin.address], timeouts);
  const client = await rawConnect(stand.port);
  client.socket.allowHalfOpen = true;
  await client.write(handshake());
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 101 /);
  return new OpenTunnel(origin, stand, client, await accepted.promise);
}

test('[case 67] a client that has said all still hears the upstream', async () => {
  await using open = await openTunnel();
  const { client, server } = open;
  const heardEnd = Promise.withResolvers<void>();
  server.on('end', () => heardEnd.resolve());
  client.socket.end('last words');
  await heardEnd.promise;
  assert.equal(open.heard, 'last words');
  server.end('and the answer to them');
  await client.readUntil('and the answer to them');
  await client.closed;
  await eventually(() => assert.partialDeepStrictEqual(open.stand.ends[0], { status: 101, outcome: 'done' }));
});

test('an upstream that has said all still hears the client', async () => {
  await using open = await openTunnel();
  const { client, server } = open;
  const heardEnd = Promise.withResolvers<void>();
  client.socket.on('end', () => heardEnd.resolve());
  server.end('last words');
  await heardEnd.promise;
  await client.readUntil('last words');
  client.socket.end(Buffer.alloc(4_000_000, 'x'));
  await eventually(() => assert.equal(open.heard.length, 4_000_000));
  await eventually(() => assert.partialDeepStrictEqual(open.stand.ends[0], { status: 101, outcome: 'done' }));
});

test('a client that resets takes its upstream along, and that is no fault', async () => {
  await using open = await openTunnel();
  open.client.reset();
  await eventually(() => assert.ok(open.server.destroyed || open.server.readableEnded));
  await eventually(() =>
    assert.partialDeepStrictEqual(open.stand.ends[0], { outcome: 'client-left', fault: undefined }),
  );
});

test('a client that left without a word is noticed when the upstream speaks', async () => {
  await using open = await openTunnel();
  open.client.socket.destroy();
  await eventually(() => {
    open.server.write('anybody there?');
    assert.equal(open.stand.tunnel.openCount, 0);
  });
});

test('an upstream that resets takes the client along, and that is its fault', async () => {
  await using open = await openTunnel();
  open.client.socket.allowHalfOpen = false;
  open.server.resetAndDestroy();
  await open.client.closed;
  await eventually(() => assert.equal(open.stand.ends[0]?.outcome, 'broken'));
  assert.equal(open.stand.ends[0]?.fault?.reason, 'reset-mid-body');
});

test('what an upstream said before it closed is delivered though nobody listens to the client any more', async () => {
  await using open = await openTunnel();
  const { client, server } = open;
  client.socket.pause();
  server.end('x'.repeat(2_000_000));
  server.on('end', () => server.destroy());
  client.socket.end();
  await eventually(() => assert.ok(server.bytesWritten > 2_000_000));
  client.socket.resume();
  await eventually(() => assert.equal(client.received.length - switchedLength(client), 2_000_000));
});

function switchedLength(client: RawClient): number {
  return client.received.indexOf('\r\n\r\n') + 4;
}

for (const [who, other] of [
  ['client', 'upstream'],
  ['upstream', 'client'],
] as const) {
  test(`a ${who} that does not read holds the ${other} back`, async () => {
    await using open = await openTunnel();
    const ends = { client: open.client.socket, upstream: open.server };
    ends[who].pause();
    let written = 0;
    const most = 64 * 1024 * 1024;
    const pump = () => {
      while (written < most && ends[other].write(Buffer.alloc(65_536))) written += 65_536;
    };
    ends[other].on('drain', pump);
    pump();
    let last = Number.NaN;
    let looks = 0;
    await eventually(() => {
      looks = written === last ? looks + 1 : 0;
      last = written;
      assert.ok(looks >= 10);
    });
    assert.ok(written < most / 2, `${written} bytes were taken`);
  });
}

test('a peer that takes its last bytes too slowly is let go', async () => {
  await using open = await openTunnel({ connectMs: 1_000, firstByteMs: 100 });
  open.client.socket.pause();
  open.server.write(Buffer.alloc(32 * 1024 * 1024));
  open.server.resetAndDestroy();
  await eventually(() => assert.equal(open.stand.tunnel.openCount, 0));
});
