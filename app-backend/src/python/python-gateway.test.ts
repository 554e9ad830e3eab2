import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { pythonStand, testLanes } from '../testing/python-stand.ts';
import { answerFrames, type Frames, type ScriptedSlot } from '../testing/scripted-worker.ts';

const close = 'Connection: close\r\n';
const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${close}\r\n`;

testLanes('a request becomes variables, and frames an answer with this tier’s own fields', async (open) => {
  await using stand = await open();
  const slot = await stand.slot();
  const answer = fetch(`${stand.url}/a%20b?x`, { headers: { 'X-Request-Id': 'id-1', 'X-Forwarded-For': '192.0.2.1' } });
  const { flags, variables } = await slot.next();
  assert.equal(flags, 'eq5000');
  const shown = ['REQUEST_METHOD', 'PATH_INFO', 'QUERY_STRING', 'REMOTE_ADDR', 'trivet.peer_addr', 'kit.peer_addr'];
  assert.deepEqual(
    shown.map((name) => variables[name]),
    ['GET', '/a b', 'x', '192.0.2.1', '127.0.0.1', '127.0.0.1'],
  );
  assert.equal(variables['trivet.request_id'], 'id-1');
  assert.equal(variables['wsgi.url_scheme'], 'http');
  slot.send(...answerFrames('hello', 'Content-Type', 'text/plain', 'X-Request-Id', 'mine'));
  const response = await answer;
  assert.equal(await response.text(), 'hello');
  assert.equal(response.headers.get('x-request-id'), 'id-1');
  assert.match(response.headers.get('server-timing') ?? '', /^app;dur=/);
  assert.ok(response.headers.has('date'));
  assert.deepEqual(stand.pool.served, [1]);
});

testLanes('a path with a NUL arrives encoded', async (open) => {
  await using stand = await open();
  const slot = await stand.slot();
  const answer = fetch(`${stand.url}/a%00b`);
  assert.equal((await slot.next()).variables['PATH_INFO='], '/a%00b');
  slot.send(...answerFrames(''));
  assert.equal((await answer).status, 200);
});

testLanes('many requests, one after another, on one slot', async (open) => {
  await using stand = await open();
  const slot = await stand.slot(1, ({ variables }, self) => self.send(...answerFrames(variables.PATH_INFO ?? '')));
  const paths = Array.from({ length: 50 }, (_, i) => `/${i}`);
  const texts = await Promise.all(paths.map(async (path) => (await fetch(stand.url + path)).text()));
  assert.deepEqual(texts, paths);
  assert.equal(slot.asked.length, 50);
  assert.deepEqual([stand.dispatcher.numbers.busy, stand.dispatcher.numbers.idle], [0, 1]);
});

const framings: readonly [what: string, request: string, frames: Frames, expected: RegExp][] = [
  [
    'an answer without a length is chunked',
    get(),
    [['T'], ['H', '200 OK'], ['D', 'ab'], ['D', 'c'], ['E']],
    /Transfer-Encoding: chunked\r\n[\s\S]*\r\n[1-3]\r\na[\s\S]*c\r\n0\r\n\r\n$/,
  ],
  [
    'one that ends at once as well',
    get(),
    [['T'], ['H', '200 OK'], ['E']],
    /Transfer-Encoding: chunked\r\n[\s\S]*\r\n0\r\n\r\n$/,
  ],
  [
    'to HTTP/1.0 it ends with the connection',
    'GET / HTTP/1.0\r\n\r\n',
    [['T'], ['H', '200 OK'], ['D', 'abc'], ['E']],
    /^HTTP\/1\.1 200 OK\r\n(?![\s\S]*Transfer-Encoding)[\s\S]*\r\n\r\nabc$/,
  ],
  [
    'an answer to HEAD keeps its length and has no body',
    `HEAD / HTTP/1.1\r\nHost: a\r\n${close}\r\n`,
    [['T'], ['H', '200 OK\0Content-Length\x003'], ['D', 'abc'], ['E']],
    /Content-Length: 3\r\n[\s\S]*\r\n\r\n$/,
  ],
  [
    '204 has neither length nor body',
    get(),
    [['T'], ['H', '204 No Content\0Content-Length\x003'], ['D', 'abc'], ['E']],
    /^HTTP\/1\.1 204 No Content\r\n(?![\s\S]*Content-Length)[\s\S]*\r\n\r\n$/,
  ],
  [
    '304 has no body',
    get(),
    [['T'], ['H', '304 Not Modified\0Content-Length\x003'], ['D', 'abc'], ['E']],
    /Content-Length: 3\r\n[\s\S]*\r\n\r\n$/,
  ],
  [
    'no more than Content-Length goes out',
    get(),
    [['T'], ['H', '200 OK\0Content-Length\x003'], ['D', 'ab'], ['D', 'cdef'], ['D', 'gh'], ['E']],
    /\r\n\r\nabc$/,
  ],
  [
    'reasons and values are bytes',
    get(),
    [['T'], ['H', '200 \xe9t\xe9\0X\0\xff'], ['E']],
    /^HTTP\/1\.1 200 \xe9t\xe9\r\nX: \xff\r\n/,
  ],
];

for (const [what, request, frames, expected] of framings) {
  testLanes(`${what}, in one write and frame by frame`, async (open) => {
    for (const isPiecemeal of [false, true]) {
      await using stand = await open();
      await stand.slot(1, (_, self) => (isPiecemeal ? void sendPiecemeal(self, frames) : self.send(...frames)));
      assert.match(await rawExchange(stand.port, request), expected);
      await eventually(() => assert.deepEqual(stand.pool.served, [1]));
    }
  });
}

async function sendPiecemeal(slot: ScriptedSlot, frames: Frames): Promise<void> {
  for (const one of frames) {
    slot.send(one);
    await new Promise(setImmediate);
  }
}

testLanes('a body that ends before its Content-Length breaks the transfer, and the slot goes on', async (open) => {
  await using stand = await open();
  const slot = await stand.slot();
  const answer = rawExchange(stand.port, `GET / HTTP/1.1\r\nHost: a\r\n\r\n`);
  await slot.next();
  slot.send(['T'], ['H', '200 OK\0Content-Length\x0010'], ['D', 'abc'], ['E']);
  assert.doesNotMatch(await answer, /HTTP\/1\.1 5/);
  await eventually(() => assert.equal(stand.records[0]?.outcome, 'broken'));
  assert.match(String(stand.records[0]?.fault?.cause), /7 bytes before its Content-Length/);
  assert.equal(stand.dispatcher.numbers.idle, 1);
});

testLanes('a head goes out before the body that follows later', async (open) => {
  await using stand = await open();
  const slot = await stand.slot();
  await using client = await rawConnect(stand.port);
  await client.write(get());
  await slot.next();
  slot.send(['T'], ['H', '200 OK\0X-Early\0yes']);
  await client.readUntil('X-Early: yes');
  slot.send(['D', 'first']);
  await client.readUntil('first');
  slot.send(['D', 'second'], ['E']);
  await client.closed;
  assert.match(client.received, /second[\s\S]*0\r\n\r\n$/);
});

test('an answer that came at once goes out in one write of the fast lane', async () => {
  await using stand = await pythonStand();
  await stand.slot(1, (_, self) => self.send(...answerFrames('x'.repeat(2000))));
  await using client = await rawConnect(stand.port);
  for (let i = 1; i <= 3; i++) {
    const chunks: number[] = [];
    const listen = (chunk: Buffer) => void chunks.push(chunk.length);
    client.socket.on('data', listen);
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => assert.equal(client.received.split('HTTP/1.1 200 OK').length, i + 1));
    client.socket.off('data', listen);
    assert.equal(chunks.length, 1);
  }
});

test('requests behind one another on a connection are answered in their order', async () => {
  await using stand = await pythonStand();
  await stand.slot(1, ({ variables }, self) => self.send(...answerFrames(variables.PATH_INFO ?? '')));
  const paths = Array.from({ length: 20 }, (_, i) => `/n${i}`);
  const heads = paths.map((path, i) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${i === 19 ? close : ''}\r\n`);
  const text = await rawExchange(stand.port, heads.join(''));
  assert.deepEqual(text.match(/\/n\d+/g), paths);
  assert.equal(stand.dispatcher.numbers.idle, 1);
});

testLanes('early hints are a 103 for HTTP/1.1; behind the head they are nothing', async (open) => {
  await using stand = await open();
  const slot = await stand.slot(1, (_, self) =>
    self.send(['T'], ['Y', 'Link\0</a.css>'], ['H', '200 OK\0Content-Length\x000'], ['Y', 'Link\0</b.css>'], ['E']),
  );
  const answer = await rawExchange(stand.port, get());
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(answer, /b\.css/);
  const old = await rawExchange(stand.port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 OK/);
  assert.deepEqual(
    slot.asked.map(({ flags }) => flags),
    ['eq5000', 'q5000'],
  );
});

testLanes('what is written to wsgi.errors is in the log, with the id of the request', async (open) => {
  await using stand = await open();
  await stand.slot(1, (_, self) => {
    self.send(['T'], ['G', Buffer.from('caf\u00e9: one\ntw')], ['G', 'o'], ...answerFrames('').slice(1));
  });
  await (await fetch(stand.url, { headers: { 'X-Request-Id': 'id-7' } })).text();
  const told = stand.lines.filter(({ from }) => from === 'wsgi.errors').map(({ id, msg }) => [id, msg]);
  assert.deepEqual(told, [
    ['id-7', 'caf\u00e9: one'],
    ['id-7', 'two'],
  ]);
});

testLanes('OPTIONS * is answered without a worker, and what is outside of the mount as well', async (open) => {
  await using stand = await open({ mount: '/shop' });
  assert.match(await rawExchange(stand.port, `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`), /^HTTP\/1\.1 200 OK/);
  assert.match(await rawExchange(stand.port, get('/shopping')), /^HTTP\/1\.1 404/);
});

testLanes('a request for an upgrade is one like any other', async (open) => {
  await using stand = await open();
  await stand.slot(1, ({ variables }, self) => self.send(...answerFrames(variables.HTTP_UPGRADE ?? '')));
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const answer = await rawExchange(stand.port, `GET /ws HTTP/1.0\r\nHost: a\r\n${upgrade}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*websocket$/);
});
