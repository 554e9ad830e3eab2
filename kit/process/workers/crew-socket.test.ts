import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Admin } from '../admin.ts';
import { fdOf } from '../bind.ts';
import type { HandOver, Offer } from '../hand-over/hand-over.ts';
import { holdSockets } from '../held-socket.ts';
import { together } from '../listening.ts';
import { givenSocket, offerHeld, offerShared, settled } from './crew-socket.ts';

const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-crew-socket-'));
const anyPort = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;

async function listening(where: number | string = 0) {
  const server = createServer();
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const urlOf = (server: Awaited<ReturnType<typeof listening>>) =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** What is offered, and an admin API that says when it was let go. */
function taking() {
  const heard: string[] = [];
  const offers: Offer[] = [];
  const handOver: HandOver = { done: new Promise(() => undefined), offer: (offer) => void offers.push(offer) };
  const admin: Admin = {
    ...{ url: 'http://127.0.0.1:9000', fd: 99 },
    letGo: () => void heard.push('admin let go'),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { handOver, admin, heard, offers };
}

describe('where workers listen', () => {
  test('is a port that is free, the same for who comes later', async () => {
    const address = await settled(anyPort);
    assert.ok(address.kind === 'tcp' && address.port > 0);
    assert.deepEqual(await settled(address), address);
    await using _ = await listening(address.port);
  });

  test('is the socket that was given, whatever its port says', async () => {
    const given = { ...anyPort, fd: 3 };
    assert.equal(await settled(given), given);
  });

  test('is where a dead process listened, and not where one lives', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 's');
    const server = await listening(path);
    assert.deepEqual(await settled({ kind: 'unix', path }), { kind: 'unix', path });
    assert.ok(existsSync(path));
    server.close();
    await once(server, 'close');
  });
});

describe('the number of a socket that was given', () => {
  test('is none where none was', () => assert.equal(givenSocket(anyPort), undefined));

  test('is known as long as it is that socket’s', async () => {
    const server = await listening();
    const fd = fdOf(server);
    assert.ok(fd !== undefined);
    const number = givenSocket({ ...anyPort, fd });
    assert.equal(number?.(), fd);
    server.close();
    await once(server, 'close');
    assert.equal(number?.(), undefined);
    // Somebody else has the number now, perhaps.
    const other = openSync('/dev/null', 'r');
    try {
      assert.equal(number?.(), undefined);
    } finally {
      closeSync(other);
    }
  });
});

describe('a socket that node:cluster has', () => {
  test('is offered as it is then, and let go before those that serve drain', async () => {
    const { handOver, admin, heard, offers } = taking();
    await using own = new AsyncDisposableStack();
    const shared = offerShared(handOver, own, { listen: anyPort, gracefulTimeout: 0 });
    const server = await listening();
    assert.equal(offers.length, 0);
    shared.offer({ addresses: [urlOf(server)], admin, owns: true });
    const addresses = { listen: urlOf(server).replace('http://', ''), admin: '127.0.0.1:9000' };
    assert.deepEqual(offers[0]?.estate(), { listen: fdOf(server), admin: 99, owns: true, addresses });
    await offers[0]?.letGo();
    assert.deepEqual([heard, fdOf(server) ?? -1], [['admin let go'], -1]);
    assert.equal(offers[0]?.estate(), 'its listening sockets cannot be reached');
    // What is gone is not closed again.
    await shared.close();
  });

  test('is not given away where it has a file', async () => {
    const { handOver, admin, offers } = taking();
    await using own = new AsyncDisposableStack();
    offerShared(handOver, own, { listen: anyPort, gracefulTimeout: 0 }).offer({
      addresses: ['unix:/run/s'],
      admin,
      owns: true,
    });
    assert.match(String(offers[0]?.estate()), /^several workers serve a Unix socket/);
  });

  test('is closed at the end, and its file removed; not before it is known where the workers listen', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 's');
    const { handOver, admin } = taking();
    await using own = new AsyncDisposableStack();
    const shared = offerShared(handOver, own, { listen: { kind: 'unix', path }, gracefulTimeout: 0 });
    const server = await listening(path);
    await shared.close();
    assert.ok((fdOf(server) ?? -1) >= 0);
    shared.offer({ addresses: [`unix:${path}`], admin, owns: true });
    await shared.close();
    assert.deepEqual([fdOf(server) ?? -1, existsSync(path)], [-1, false]);
  });
});

test('sockets that are held for workers are offered by their numbers, and closed by either', async () => {
  for (const end of ['letGo', 'close'] as const) {
    const { handOver, admin, heard, offers } = taking();
    await using own = new AsyncDisposableStack();
    const held = await holdSockets(together([await settled(anyPort), anyPort]), own);
    const [first = -1, second = -1] = held.map(({ fd }) => fd);
    const numbers = [first, second].map((fd) => givenSocket({ ...anyPort, fd }));
    const { offer, close } = offerHeld(handOver, held);
    offer({ addresses: ['http://127.0.0.1:8000', 'http://[::1]:8001'], admin, owns: false });
    assert.deepEqual(offers[0]?.estate(), {
      ...{ listen: first, admin: 99, owns: false },
      addresses: { listen: '127.0.0.1:8000', admin: '127.0.0.1:9000' },
      more: [{ listen: second, address: '[::1]:8001' }],
    });
    assert.deepEqual(
      numbers.map((number) => number?.()),
      [first, second],
    );
    await (end === 'close' ? close() : offers[0]?.letGo());
    assert.deepEqual(
      numbers.map((number) => number?.()),
      [undefined, undefined],
    );
    assert.deepEqual(heard, end === 'close' ? [] : ['admin let go']);
  }
});
