import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { Doors } from './doors.ts';
import type { Hello } from './told.ts';

type Guest = { readonly hello: Hello; readonly socket: Socket };

async function someDoors() {
  const folder = mkdtempSync(join(tmpdir(), 'trivet-doors-'));
  const guests: Guest[] = [];
  const onGuest = (hello: Hello, socket: Socket) => void guests.push({ hello, socket });
  const doors = await Doors.open({ path: join(folder, '1.sock'), log: silentLog, onGuest });
  return {
    doors,
    guests,
    async [Symbol.asyncDispose]() {
      for (const { socket } of guests) socket.destroy();
      await doors[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

function frame(letter: string, payload: string): Buffer {
  const head = Buffer.alloc(5, letter);
  head.writeUInt32BE(Buffer.byteLength(payload), 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}

const hello = (token: string) => frame('h', JSON.stringify({ token, worker: 7, is: 'control' }));

test('who has the token comes in, byte by byte too, and what is behind the hello is not read', async () => {
  await using stand = await someDoors();
  const { doors, guests } = stand;
  for (const cut of [1, 4, 5, 6, 1000]) {
    const socket = connect(doors.path);
    const bytes = Buffer.concat([hello(doors.token), Buffer.from('behind')]);
    socket.write(bytes.subarray(0, cut));
    await new Promise(setImmediate);
    socket.write(bytes.subarray(cut));
    const guest = await eventually(() => guests.pop() ?? assert.fail('nobody came in'));
    assert.deepEqual(guest.hello, { token: doors.token, worker: 7, is: 'control' });
    let text = '';
    guest.socket.on('data', (chunk) => {
      text += chunk;
    });
    await eventually(() => assert.equal(text, 'behind'));
    socket.destroy();
    guest.socket.destroy();
  }
});

for (const [what, bytes] of [
  ['another token', () => hello('0'.repeat(64))],
  ['a token of another length', () => hello('0')],
  ['another frame', (token: string) => frame('H', JSON.stringify({ token, worker: 7, is: 'control' }))],
  ['an empty frame', () => frame('h', '')],
  ['a frame that is too long', () => Buffer.from('h\xff\xff\xff\xff', 'latin1')],
  ['no JSON', () => frame('h', 'token')],
] as const) {
  test(`who comes with ${what} is shown out`, async () => {
    await using stand = await someDoors();
    const socket = connect(stand.doors.path);
    socket.write(bytes(stand.doors.token));
    await once(socket.resume(), 'close');
    assert.equal(stand.guests.length, 0);
  });
}

test('who says nothing in time is shown out', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using stand = await someDoors();
  const socket = connect(stand.doors.path);
  const closed = once(socket.resume(), 'close');
  while (!socket.closed) {
    await new Promise(setImmediate);
    t.mock.timers.tick(10_000);
  }
  await closed;
});
