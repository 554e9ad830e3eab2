import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { validate } from '../gateway/validate.ts';
import { answerOf } from '../testing/recording.ts';
import { serve } from '../testing/serving.ts';
import type { Environ } from '../wsgi.ts';
import { script } from './script.ts';

const ask = (query: string, differences: Partial<Environ> = {}) =>
  answerOf(validate(script), { PATH_INFO: '/script', QUERY_STRING: query, ...differences });
const date = 'Wed, 01 Jan 2025 00:00:00 GMT';

test('every answer has a nonce of its own', async () => {
  const nonces = new Set<string | undefined>();
  for (const query of ['', '', 'status=404', 'status=204', 'status=bad'])
    nonces.add((await ask(query)).headers['x-nonce']);
  nonces.add((await ask('etag=a', { HTTP_IF_NONE_MATCH: '"a"' })).headers['x-nonce']);
  assert.equal(nonces.size, 6);
  assert.ok(!nonces.has(undefined));
});

for (const [what, query, differences, status] of [
  ['a matching tag', 'etag=a', { HTTP_IF_NONE_MATCH: '"b", W/"a"' }, '304 Not Modified'],
  ['another tag', 'etag=a', { HTTP_IF_NONE_MATCH: '"b"' }, '200 OK'],
  ['a matching date', `last-modified=${date}`, { HTTP_IF_MODIFIED_SINCE: date }, '304 Not Modified'],
  ['an older date', `last-modified=${date}`, { HTTP_IF_MODIFIED_SINCE: 'Tue, 31 Dec 2024 00:00:00 GMT' }, '200 OK'],
  ['a failed If-Match', 'etag=a', { HTTP_IF_MATCH: '"b"' }, '412 Precondition Failed'],
  ['a condition on an error', 'etag=a&status=404', { HTTP_IF_NONE_MATCH: '"a"' }, '404 Not Found'],
  ['no condition', 'etag=a', {}, '200 OK'],
] as readonly [string, string, Partial<Environ>, string][]) {
  test(`${what} gets ${status}`, async () => {
    const answer = await ask(query, differences);
    assert.equal(answer.status, status);
    if (status.startsWith('304')) assert.deepEqual([answer.text, answer.headers['content-type']], ['', undefined]);
  });
}

test('a 304 repeats the fields that a cache may want to renew', async () => {
  const { headers } = await ask('etag=a&cache-control=max-age%3D9&vary=A&tags=t', { HTTP_IF_NONE_MATCH: '"a"' });
  const { etag, vary } = headers;
  assert.deepEqual([etag, vary, headers['cache-control'], headers['surrogate-key']], ['"a"', 'A', 'max-age=9', 't']);
});

for (const [query, length, text] of [
  ['', '7', 'script\n'],
  ['body=0', '0', ''],
  ['body=5', '5', '01234'],
  ['body=70', '70', '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n012345'],
  ['body=5&chunks=2', undefined, '01234'],
  ['chunks=3', undefined, 'script\n'],
] as const) {
  test(`the body of ${query || 'nothing'} has the Content-Length ${length ?? 'none'}`, async () => {
    const { headers, text: got } = await ask(query);
    assert.deepEqual([headers['content-length'], got], [length, text]);
  });
}

test('a large body is the same however it is cut', async () => {
  const whole = await ask('body=200000');
  const cut = await ask('body=200000&chunks=7');
  assert.equal(whole.text.length, 200_000);
  assert.equal(whole.text, cut.text);
});

test('chunks come one by one over the wire', async () => {
  await using serving = await serve(script);
  const answer = await rawExchange(
    serving.port,
    'GET /?body=5&chunks=3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.ok(answer.endsWith('\r\n\r\n2\r\n01\r\n2\r\n23\r\n1\r\n4\r\n0\r\n\r\n'));
});

for (const [query, bytes] of [
  ['abort=after-head&body=100', 1],
  ['abort=mid-body&body=100', 50],
  ['abort=mid-body&body=0', 1],
  ['abort=mid-body', 4],
] as const) {
  test(`${query} breaks off after ${bytes} bytes of a message that promised more`, async () => {
    await using serving = await serve(script);
    const answer = await rawExchange(serving.port, `GET /?${query} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(body.length, bytes);
    assert.ok(Number(/Content-Length: (\d+)/.exec(head)?.[1]) > bytes);
  });
}

test('a chunked answer that is broken off has no last chunk', async () => {
  await using serving = await serve(script);
  const answer = await rawExchange(serving.port, 'GET /?abort=mid-body&chunks=2&body=8 HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.ok(answer.endsWith('\r\n\r\n4\r\n0123\r\n'));
});

test('hints come ahead of an answer that takes its time', async () => {
  await using serving = await serve(script);
  const answer = await rawExchange(
    serving.port,
    'GET /?early-hint=</a.css>;rel=preload&delay=1ms HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>;rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('a bad parameter is a 400 that names it and is not stored', async () => {
  const { status, headers, text } = await ask('delay=soon');
  assert.deepEqual([status, headers['cache-control']], ['400 Bad Request', 'no-store']);
  assert.match(text, /delay/);
});
