import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionNames, endToEnd, forbiddenConnectionNames, requestEndToEnd } from './hop-by-hop.ts';

const kept = ['Host', 'a', 'Content-Length', '3', 'X-Twice', '1', 'x-twice', '2'];

const dropped = [
  ['Connection', 'close'],
  ['Keep-Alive', 'timeout=5'],
  ['Proxy-Connection', 'keep-alive'],
  ['Proxy-Authenticate', 'Basic'],
  ['Proxy-Authorization', 'Basic eDp5'],
  ['TE', 'trailers'],
  ['Trailer', 'X-Sum'],
  ['Transfer-Encoding', 'chunked'],
  ['Upgrade', 'websocket'],
  ['upgrade', 'h2c'],
];

for (const line of dropped) {
  test(`${line[0]} stays on its connection`, () => {
    assert.deepEqual(endToEnd([...kept, ...line]), kept);
  });
}

test('fields named in any line of Connection stay on their connection', () => {
  const fields = ['X-Hop', '1', 'Connection', 'close, x-HOP', 'Connection', 'X-Other', 'x-other', '2'];
  assert.deepEqual(endToEnd([...fields, ...kept]), kept);
  assert.deepEqual(connectionNames(fields), new Set(['close', 'x-hop', 'x-other']));
});

test('a client cannot have the fields stripped that the request is judged by', () => {
  const vital = ['Cookie', 'a=b', 'Authorization', 'x', 'X-Forwarded-For', '192.0.2.1', 'Cache-Control', 'no-store'];
  const connection = ['Connection', 'Host, Content-Length, Cookie, Authorization, X-Forwarded-For, cache-control'];
  assert.deepEqual(endToEnd([...kept, ...connection, ...vital]), [...kept, ...vital]);
  assert.deepEqual(forbiddenConnectionNames(connection), [
    'host',
    'content-length',
    'cookie',
    'authorization',
    'x-forwarded-for',
    'cache-control',
  ]);
});

for (const value of ['close', 'keep-alive, Upgrade', 'TE, close', 'Upgrade, HTTP2-Settings', 'X-Mine']) {
  test(`Connection: ${value} is nothing to refuse`, () => {
    assert.deepEqual(forbiddenConnectionNames(['Connection', value]), []);
  });
}

test('Expect is answered by this hop and not passed on', () => {
  assert.deepEqual(requestEndToEnd(['Expect', '100-continue', 'TE', 'trailers', ...kept]), kept);
});

test('what a hop says anew goes with what belongs to the connection', () => {
  const fields = ['Connection', 'X-Once', 'X-Once', 'a', 'Via', '1.0 b', 'X-Kept', 'c'];
  assert.deepEqual(
    requestEndToEnd(fields, (name) => name === 'via'),
    ['X-Kept', 'c'],
  );
});
