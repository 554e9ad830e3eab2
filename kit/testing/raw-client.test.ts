import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawConnect, rawExchange } from './raw-client.ts';
import { rawOrigin } from './scripted-origin.ts';

test('bytes arrive as they are and the answer is read until the server closes', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.on('data', () => origin.received.endsWith('!') && socket.end(Buffer.from([0x61, 0xff, 0x00])));
  });
  assert.equal(await rawExchange(origin.port, ['GET\u00e9', Buffer.from([0xfe]), '!']), 'a\xff\0');
  assert.equal(origin.received, 'GET\xe9\xfe!');
});

test('a reset ends an exchange with what came before it', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.on('data', () => socket.resetAndDestroy());
  });
  assert.equal(await rawExchange(origin.port, 'x'), '');
});

test('readUntil takes one match after the other', async () => {
  await using origin = await rawOrigin((socket) => socket.write('one\r\n\r\ntwo 2\r\n\r\nrest'));
  await using client = await rawConnect(origin.port);
  assert.equal(await client.readUntil('\r\n\r\n'), 'one\r\n\r\n');
  assert.equal(await client.readUntil(/\d/g), 'two 2');
  assert.equal(await client.readUntil('rest'), '\r\n\r\nrest');
});

test('a match may come in pieces', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.write('\r\n');
    socket.once('data', () => socket.write('\r\n'));
  });
  await using client = await rawConnect(origin.port);
  await client.readUntil('\r');
  const whole = client.readUntil('\n\r\n');
  await client.write('more');
  assert.equal(await whole, '\n\r\n');
});

test('a close before the match says what was received', async () => {
  await using origin = await rawOrigin((socket) => socket.end('half'));
  await using client = await rawConnect(origin.port);
  await assert.rejects(client.readUntil('whole'), /the server closed before whole came; received "half"/);
  await client.closed;
});

test('a deadline that passes says what was received', async () => {
  await using origin = await rawOrigin((socket) => socket.write('half'));
  await using client = await rawConnect(origin.port, 30);
  await assert.rejects(client.readUntil('whole'), /30 ms passed before whole came; received "half"/);
});

test('end tells the server that nothing more comes, and reading goes on', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.on('end', () => socket.end('goodbye'));
  });
  await using client = await rawConnect(origin.port);
  client.end();
  await client.closed;
  assert.equal(client.received, 'goodbye');
});

test('a port where nobody listens is an error at once', async () => {
  const origin = await rawOrigin(() => undefined);
  await origin[Symbol.asyncDispose]();
  await assert.rejects(rawConnect(origin.port), { code: 'ECONNREFUSED' });
});
