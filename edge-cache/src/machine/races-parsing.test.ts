// What the listener refuses is kit's to show, byte by byte; here it is shown that the cache behind it never hears of it,
// that the cache's key and the forwarded request agree, and that a connection goes on where it stood.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { everySplit } from '@trivet/kit/testing/every-split.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const H = 'Host: a\r\n';
const post = (fields: string, body = '') => `POST / HTTP/1.1\r\n${H}${fields}\r\n\r\n${body}`;
const get = (target: string, fields = H) => `GET ${target} HTTP/1.1\r\n${fields}\r\n`;
const chunked = (body: string) => post('Transfer-Encoding: chunked', body);
const echo = () => edgeStand(({ target }, reply) => reply.send(200, fresh, `at ${target};`));
const statuses = (answer: string) => Array.from(answer.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => Number(status));

const refused: readonly [what: string, bytes: string, status: number][] = [
  ['[case 57] two framings', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 400],
  ['[case 57] two different lengths', post('Content-Length: 1\r\nContent-Length: 2', 'ab'), 400],
  ['[case 57] two equal lengths', post('Content-Length: 2\r\nContent-Length: 2', 'ab'), 400],
  ['[case 57] a list of lengths', post('Content-Length: 2, 2', 'ab'), 400],
  ['[case 57] a length with a sign', post('Content-Length: +2', 'ab'), 400],
  ['[case 57] a length with a space', post('Content-Length: 1 1', 'ab'), 400],
  ['[case 57] a length beyond all numbers', post('Content-Length: 99999999999999999999', 'ab'), 400],
  ['[case 57] a coding before chunked', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'), 501],
  ['[case 57] an unknown coding', post('Transfer-Encoding: xchunked', '0\r\n\r\n'), 501],
  ['[case 57] a space before the colon', post('Transfer-Encoding : chunked', '0\r\n\r\n'), 400],
  ['[case 60] Connection that names Host', get('/', `${H}Connection: host\r\n`), 400],
  [
    '[case 60] Connection that names Content-Length',
    post('Connection: content-length\r\nContent-Length: 2', 'ab'),
    400,
  ],
  ['[case 60] Connection that names Cookie', get('/', `${H}Cookie: a=b\r\nConnection: close, Cookie\r\n`), 400],
  ['[case 61] a space before the first field', `GET / HTTP/1.1\r\n ${H}\r\n`, 400],
  ['[case 61] a bare CR in a value', get('/', `${H}X: a\rb\r\n`), 400],
  ['[case 61] NUL in a value', get('/', `${H}X: a\0b\r\n`), 400],
  ['[case 61] a field without a name', get('/', `${H}: a\r\n`), 400],
  ['[case 61] a folded field', get('/', `${H}X: a\r\n b\r\n`), 400],
  ['[case 61] a field that is too long', get('/', `${H}X: ${'a'.repeat(40_000)}\r\n`), 431],
  ['[case 61] too many fields', get('/', `${H}${'X: a\r\n'.repeat(200)}`), 431],
  ['[case 62] no Host', get('/', ''), 400],
  ['[case 62] two Hosts', get('/', `${H}Host: b\r\n`), 400],
  ['[case 62] a Host with a user', get('/', 'Host: u@a\r\n'), 400],
  ['[case 62] a bad Host beside an absolute target', get('http://b/', 'Host: a b\r\n'), 400],
  ['[case 63] a target without a slash', get('x'), 400],
  ['[case 63] a control in the target', get('/a\x01b'), 400],
  ['[case 63] a space in the target', get('/a b'), 400],
  ['[case 63] a fragment', get('/a#b'), 400],
  ['[case 63] a target that is too long', get(`/${'a'.repeat(20_000)}`), 414],
  ['[case 66] an expectation that nobody knows', get('/', `${H}Expect: tea\r\n`), 417],
];
for (const [what, bytes, status] of refused) {
  test(`${what} is ${status}; nothing is forwarded, nothing behind it served, [case 59] the connection closes`, async () => {
    await using stand = await echo();
    const answer = await rawExchange(stand.port, Buffer.from(bytes + get('/behind'), 'latin1'));
    assert.deepEqual(statuses(answer), [status]);
    assert.match(answer, /^connection: close\r$/im);
    assert.equal(stand.origin.requests.length, 0);
    assert.equal(stand.edge.store.stats().entries, 0);
  });
}

for (const [what, body] of [
  ['a size that is no number', 'x\r\nab\r\n0\r\n\r\n'],
  ['a size with a sign', '+2\r\nab\r\n0\r\n\r\n'],
  ['more data than its size', '2\r\nabc\r\n0\r\n\r\n'],
  ['bare line feeds', '2\nab\n0\n\n'],
  ['a size beyond all numbers', 'fffffffffffffffff\r\nab\r\n0\r\n\r\n'],
] as const) {
  test(`[case 58] a chunk with ${what} ends the connection; the origin has no whole request`, async () => {
    await using stand = await echo();
    const answer = await rawExchange(stand.port, chunked(body) + get('/behind'));
    assert.deepEqual(statuses(answer), [400]);
    for (const request of stand.origin.requests) assert.equal(await request.outcome, 'cut');
    assert.ok(stand.origin.requests.every(({ target }) => target === '/'));
  });
}

test('[case 58] extensions and trailers of a chunked body end where they end', async () => {
  await using stand = await echo();
  const body = '2;a=b\r\nab\r\n0;last\r\nX-Trailer: t\r\n\r\n';
  const answer = await rawExchange(stand.port, chunked(body) + get('/next', `${H}Connection: close\r\n`));
  assert.deepEqual(statuses(answer), [200, 200]);
  assert.equal(stand.origin.requests[0]?.body.toString(), 'ab');
  assert.match(answer, /at \/next;$/);
});

test('[case 60] what Connection may name stays on this hop', async () => {
  await using stand = await echo();
  await rawExchange(stand.port, get('/', `${H}X-Hop: 1\r\nX-End: 2\r\nConnection: close, x-hop\r\n`));
  const fields = stand.origin.requests[0]?.fields ?? [];
  assert.deepEqual([field(fields, 'x-hop'), field(fields, 'x-end')], [undefined, '2']);
});

/** One request on a connection of its own. */
const once = (stand: Stand, target: string, host: string) =>
  rawExchange(stand.port, get(target, `Host: ${host}\r\nConnection: close\r\n`));

test('[case 62] an absolute target names the host, in the key and in what is forwarded', async () => {
  await using stand = await echo();
  await once(stand, 'http://B.example:80/p?q', 'a');
  assert.match(await once(stand, '/p?q', 'b.example'), /Cache-Status: edge-cache; hit/);
  assert.match(await once(stand, '/p?q', 'a'), /fwd=uri-miss/);
  const { target, fields } = stand.origin.requests[0] ?? { target: '', fields: [] };
  assert.deepEqual([target, field(fields, 'host')], ['/p?q', 'B.example:80']);
  assert.match(await once(stand, 'http://c.example?x', 'a'), /at \/\?x;$/);
  assert.match(await once(stand, 'http://c.example', 'a'), /at \/;$/);
});

test('[case 62] a host is the same in capitals and with the port of its scheme, and another with another port', async () => {
  await using stand = await echo();
  await once(stand, '/', 'a.example');
  for (const same of ['A.EXAMPLE', 'a.example:80']) assert.match(await once(stand, '/', same), /edge-cache; hit/, same);
  assert.match(await once(stand, '/', 'a.example:81'), /fwd=uri-miss/);
});

test('[case 63] targets that an origin may tell apart are apart in the cache, and are forwarded as they came', async () => {
  await using stand = await echo();
  const targets = ['/a/b', '//a/b', '/a//b', '/a/./b', '/a/../a/b', '/a%2Fb', '/a%2fb', '/%61/b', '/a/b?', '/a/b/'];
  for (const target of targets) assert.match(await once(stand, target, 'a'), /fwd=uri-miss/, target);
  assert.deepEqual(
    stand.origin.requests.map(({ target }) => target),
    targets,
  );
});

test('[case 64] pipelined requests, hits and misses and one with a body, are answered in order however they are cut', async () => {
  await using stand = await echo();
  await stand.get('/hit', { host: 'a' });
  const body = `Content-Length: 7\r\n\r\nGET /no`;
  const bytes = `${get('/hit')}POST /up HTTP/1.1\r\n${H}${body}${get('/miss')}${get('/hit', `${H}Connection: close\r\n`)}`;
  for (const parts of everySplit(Buffer.from(bytes))) {
    const answer = await rawExchange(
      stand.port,
      parts.map((part) => Buffer.from(part)),
    );
    const bodies = Array.from(answer.matchAll(/at (\S+);/g), ([, target]) => target);
    assert.deepEqual(bodies, ['/hit', '/up', '/miss', '/hit']);
  }
  const unsafe = stand.origin.requests.filter(({ method }) => method === 'POST');
  assert.ok(unsafe.every((request) => request.body.toString() === 'GET /no'));
});

test('[case 65] an HTTP/1.0 client may keep its connection, and a stored answer has its length then', async () => {
  await using stand = await echo();
  await stand.get('/', { host: 'a' });
  await using client = await rawConnect(stand.port);
  for (const connection of ['keep-alive', 'close']) {
    await client.write(`GET / HTTP/1.0\r\n${H}Connection: ${connection}\r\n\r\n`);
    assert.match(await client.readUntil('at /;'), /Content-Length: 5\r\n/i);
  }
  await client.closed;
});

test('[case 65] the body of a 204, and one without a reason phrase, do no harm to the connection', async () => {
  await using stand = await edgeStand((_, reply) => reply.send(204, fresh));
  for (const way of [/uri-miss; stored/, /hit/]) {
    const answer = await stand.get('/');
    assert.deepEqual([answer.status, answer.body, answer.header('content-length')], [204, '', undefined]);
    assert.match(answer.cacheStatus, way);
  }
});
