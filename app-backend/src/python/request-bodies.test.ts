import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { pythonStand } from '../testing/python-stand.ts';
import { type AskedOfWorker, answerFrames, credit, type ScriptedSlot } from '../testing/scripted-worker.ts';
import { openBodyPlaces } from './request-bodies.ts';

const MB = 1024 * 1024;
const head = (fields: string) => `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`;

/** Answers with the digest of the body once that is here, asking for it piece by piece. */
async function digested(request: AskedOfWorker, slot: ScriptedSlot, piece = 100_000): Promise<void> {
  slot.send(['T']);
  let asked = 0;
  const hasBody = /^[bs]/.test(request.flags);
  while (hasBody && !request.isBodyComplete && !slot.socket.destroyed) {
    if (request.flags.includes('s') && request.body.length === asked) {
      slot.send(credit(piece));
      asked += piece;
    }
    await new Promise(setImmediate);
    assert.ok(request.body.length <= asked || !request.flags.includes('s'), 'no more came than was asked for');
  }
  slot.send(...answerFrames(sha(Buffer.from(request.body, 'latin1'))).slice(1));
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

for (const [bytes, where, flag] of [
  [0, 'not at all', 'e'],
  [10, 'with the head', 'be'],
  [65_536, 'with the head', 'be'],
  [65_537, 'from memory, as it is asked for', 'se'],
  [3 * MB, 'from the disk, as it is asked for', 'se'],
] as const) {
  test(`a body of ${bytes} bytes is sent ${where}, whole`, async () => {
    await using stand = await pythonStand({ bodyMemory: MB });
    const body = randomBytes(bytes);
    const slot = await stand.slot(1, (request, self) => void digested(request, self));
    const response = await fetch(stand.url, { method: 'POST', body });
    assert.equal(await response.text(), sha(body));
    assert.ok(slot.asked[0]?.flags.startsWith(flag));
    await eventually(() => assert.deepEqual([stand.places.room.taken, stand.places.disk.taken], [0, 0]));
  });
}

test('a chunked body has no CONTENT_LENGTH, as with Gunicorn and with applications in this process', async () => {
  await using stand = await pythonStand();
  const slot = await stand.slot(1, (request, self) => void digested(request, self));
  const answer = await rawExchange(stand.port, [head('Transfer-Encoding: chunked\r\n'), '3\r\nabc\r\n', '0\r\n\r\n']);
  assert.ok(answer.includes(sha(Buffer.from('abc'))));
  const { variables } = slot.asked[0] ?? assert.fail();
  assert.deepEqual([variables.CONTENT_LENGTH, variables.HTTP_TRANSFER_ENCODING], [undefined, 'chunked']);
});

test('a body that is left unread does no harm to the next request', async () => {
  await using stand = await pythonStand({ bodyMemory: MB });
  await stand.slot(1, (_, self) => self.send(...answerFrames('unread')));
  const body = randomBytes(MB / 2);
  for (let i = 0; i < 3; i++) {
    assert.equal(await (await fetch(stand.url, { method: 'POST', body })).text(), 'unread');
  }
});

test('half of a body occupies no slot', async () => {
  await using stand = await pythonStand();
  const slot = await stand.slot(1, (request, self) => void digested(request, self));
  await using slow = await rawConnect(stand.port);
  await slow.write(`${head('Content-Length: 6\r\n')}abc`);
  assert.equal((await fetch(stand.url, { method: 'POST', body: 'x' })).status, 200);
  assert.equal(slot.asked.length, 1);
  await slow.write('def');
  await slow.closed;
  assert.ok(slow.received.includes(sha(Buffer.from('abcdef'))));
});

test('a body beyond the limit is refused by its announcement, or where it passes the limit', async () => {
  for (const requestBuffering of [true, false]) {
    await using stand = await pythonStand({ bodyLimit: 5, requestBuffering });
    const slot = await stand.slot(1, ({ flags }, self) => {
      if (flags.includes('s')) self.send(['T'], credit(1000));
    });
    await using client = await rawConnect(stand.port);
    await client.write(head('Content-Length: 6\r\nExpect: 100-continue\r\n'));
    await client.closed;
    assert.match(client.received, /^HTTP\/1\.1 413/);
    const chunked = [head('Transfer-Encoding: chunked\r\n'), '3\r\nabc\r\n', '3\r\ndef\r\n', '0\r\n\r\n'];
    assert.match(await rawExchange(stand.port, chunked), /^HTTP\/1\.1 413/);
    assert.equal(slot.asked.length, requestBuffering ? 0 : 1);
    if (requestBuffering) continue;
    await eventually(() => assert.match(slot.asked[0]?.aborted ?? '', /larger than the limit of 5/));
    slot.send(['A', '{}']);
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
  }
});

test('a disk that is full is 507', async () => {
  await using stand = await pythonStand({ bodyMemory: 10, bodiesDisk: 20 });
  const slot = await stand.slot();
  const response = await fetch(stand.url, { method: 'POST', body: 'x'.repeat(100) });
  assert.equal(response.status, 507);
  assert.equal(slot.asked.length, 0);
});

test('without buffering the slot is asked at the head, and the first read sends 100 Continue', async () => {
  await using stand = await pythonStand({ requestBuffering: false });
  const slot = await stand.slot();
  await using client = await rawConnect(stand.port);
  await client.write(head('Content-Length: 6\r\nExpect: 100-continue\r\n'));
  const request = await slot.next();
  assert.ok(request.flags.startsWith('se'));
  assert.equal(client.received, '');
  slot.send(['T'], credit(4));
  await client.readUntil('100 Continue');
  await client.write('abcdef');
  await eventually(() => assert.equal(request.body, 'abcd'));
  slot.send(credit(100));
  await eventually(() => assert.deepEqual([request.body, request.isBodyComplete], ['abcdef', true]));
  slot.send(...answerFrames('done').slice(1));
  await client.closed;
  assert.match(client.received, /HTTP\/1\.1 200 OK[\s\S]*done$/);
});

test('without buffering a worker that waits for its client is not silent', async () => {
  await using stand = await pythonStand({ requestBuffering: false, timeoutMs: 60 });
  const slot = await stand.slot(1, (_, self) => self.send(['T'], credit(100)));
  await using client = await rawConnect(stand.port);
  await client.write(`${head('Content-Length: 6\r\n')}abc`);
  await slot.next();
  // Another worker's silence, begun later, is over first.
  await stand.slot(2);
  void stand.dispatcher.retire(1);
  assert.equal((await fetch(stand.url)).status, 504);
  assert.deepEqual(stand.pool.notes, ['2 hung: the worker was silent for 60ms']);
  await client.write('def');
  await eventually(() => assert.equal(slot.asked[0]?.body, 'abcdef'));
  slot.send(...answerFrames('done').slice(1));
  await client.closed;
  assert.match(client.received, /done$/);
});

test('without buffering a client that leaves in its body aborts the request', async () => {
  await using stand = await pythonStand({ requestBuffering: false });
  const slot = await stand.slot(1, (_, self) => self.send(['T'], credit(100)));
  const client = await rawConnect(stand.port);
  await client.write(`${head('Content-Length: 6\r\n')}abc`);
  const request = await slot.next();
  await eventually(() => assert.equal(request.body, 'abc'));
  client.socket.destroy();
  await eventually(() => assert.match(request.aborted ?? '', /the client left/));
});

test('a folder that cannot be is said at the start', async () => {
  const config = { bodyMemory: 1, bodiesDisk: 1, tempDir: '/nonexistent/folder' };
  await assert.rejects(openBodyPlaces(config), /APP_TEMP_DIR: there can be no folder in \/nonexistent\/folder/);
});
