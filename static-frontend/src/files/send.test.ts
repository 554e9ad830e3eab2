import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { runFront } from '../testing/running-front.ts';

const site = { routes: [{ path: '/', files: '.' }] };
const large = Buffer.alloc(32 * 1024 * 1024, 'x');
const request = 'GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n';

test('a large file goes out whole, byte by byte as it is', async () => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 251));
  await using tree = await fileTree({ 'large.bin': content });
  await using front = await runFront({ root: tree.path, site });
  const response = await fetch(`${front.url}/large.bin`);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(content));
  const part = await fetch(`${front.url}/large.bin`, { headers: { range: 'bytes=100000-2900000' } });
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(content.subarray(100_000, 2_900_001)));
});

test('large parts go out byte by byte as they are', async () => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 251));
  await using tree = await fileTree({ 'large.bin': content });
  await using front = await runFront({ root: tree.path, site });
  const range = 'bytes=2000000-2999998,0-9,100000-1400000';
  const response = await fetch(`${front.url}/large.bin`, { headers: { range } });
  const body = Buffer.from(await response.arrayBuffer());
  assert.equal(response.headers.get('content-length'), String(body.length));
  const boundary = response.headers.get('content-type')?.split('=')[1];
  const parts = [
    [2_000_000, 2_999_998],
    [0, 9],
    [100_000, 1_400_000],
  ] as const;
  const expected = parts.flatMap(([first, last], at) => {
    const head = `${at === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: application/octet-stream\r\n`;
    return [
      Buffer.from(`${head}Content-Range: bytes ${first}-${last}/3000000\r\n\r\n`),
      content.subarray(first, last + 1),
    ];
  });
  assert.ok(body.equals(Buffer.concat([...expected, Buffer.from(`\r\n--${boundary}--\r\n`)])));
});

test('a file cut while it is sent breaks the transfer, and is neither padded nor ended', async () => {
  await using tree = await fileTree({ 'large.bin': large });
  await using front = await runFront({ root: tree.path, site });
  await using client = await rawConnect(front.port);
  await client.write(request);
  await client.readUntil('\r\n\r\n');
  // The client reads no more until the file is short: what the kernel does not hold is still to be read from it.
  client.socket.pause();
  await truncate(join(tree.path, 'large.bin'), 1024);
  client.socket.resume();
  await client.closed;
  assert.ok(client.received.length < large.length);
  const record = await eventually(() => {
    assert.equal(front.records.length, 1);
    return front.records[0];
  });
  assert.equal(record?.outcome, 'broken');
  assert.match(String(record?.fault?.message), /the file was cut at byte \d+ while byte 33554431 was promised/);
});

test('a file that stays open and is cut while it is sent breaks the transfer, too', async () => {
  await using tree = await fileTree({ 'large.bin': large });
  await using front = await runFront({ root: tree.path, site });
  for (let i = 0; i < 3; i++) assert.equal((await fetch(`${front.url}/large.bin`)).status, 200);
  await using client = await rawConnect(front.port);
  await client.write(request);
  await client.readUntil('\r\n\r\n');
  client.socket.pause();
  await truncate(join(tree.path, 'large.bin'), 1024);
  client.socket.resume();
  await client.closed;
  assert.ok(client.received.length < large.length);
  const after = await front.ask('/large.bin');
  assert.deepEqual([after.status, after.body.length], [200, 1024]);
});

test('a file whose reader leaves is read no further, and that is nobody’s fault', async () => {
  await using tree = await fileTree({ 'large.bin': large });
  await using front = await runFront({ root: tree.path, site });
  await using client = await rawConnect(front.port);
  await client.write(request);
  await client.readUntil('\r\n\r\n');
  client.reset();
  const record = await eventually(() => {
    assert.equal(front.records.length, 1);
    return front.records[0];
  });
  assert.equal(record?.outcome, 'client-left');
  assert.equal(record?.fault, undefined);
  assert.ok((record?.bytes ?? 0) < large.length);
});
