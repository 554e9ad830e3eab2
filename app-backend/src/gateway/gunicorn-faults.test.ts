// Ten things that Gunicorn 26.2.0 was measured to do wrong (PEP 3333, RFC 9110, RFC 9112), each done right here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { serve } from '../testing/serving.ts';
import type { Application, Header } from '../wsgi.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

async function answerTo(request: string, application: Application): Promise<string> {
  await using serving = await serve(application);
  return await rawExchange(serving.port, request);
}

function answering(status: string, headers: readonly Header[]): Application {
  return (_environ, start) => {
    start(status, headers);
    return [Buffer.from('hello')];
  };
}

test('1: a line end in the status string adds no header, it is a 500', async () => {
  const answer = await answerTo(get, answering('200 OK\r\nX-Injected: yes', []));
  assert.match(answer, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(answer, /X-Injected/);
});

test('2: a line end in a header value is the fault of the application, 500, not of the client', async () => {
  const answer = await answerTo(get, answering('200 OK', [['X-A', 'b\r\nX-Injected: yes']]));
  assert.match(answer, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(answer, /X-Injected/);
});

test('3: start_response with a failure before the head is sent replaces the first headers', async () => {
  const answer = await answerTo(get, (_environ, start) => {
    start('200 OK', [['X-First', '1']]);
    start('500 Oops', [['X-Second', '2']], { error: new Error('x') });
    return [Buffer.from('sorry')];
  });
  assert.match(answer, /^HTTP\/1\.1 500 Oops\r\nX-Second: 2\r\n/);
  assert.doesNotMatch(answer, /X-First/);
});

test('4: a body shorter than its Content-Length ends the connection, so the next answer is not read as its rest', async () => {
  await using serving = await serve(function* (_environ, start) {
    start('200 OK', [['Content-Length', '10']]);
    yield Buffer.from('hello');
  });
  const pipelined = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n';
  const answer = await rawExchange(serving.port, pipelined);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(answer.endsWith('\r\n\r\nhello'));
  assert.equal(serving.records[0]?.outcome, 'broken');
});

test('5: an application that never calls start_response is answered for by a 500', async () => {
  assert.match(await answerTo(get, () => [Buffer.from('hello')]), /^HTTP\/1\.1 500 Internal Server Error\r\n/);
});

test('6: a header beyond latin-1 is a 500 and not a closed connection', async () => {
  assert.match(await answerTo(get, answering('200 OK', [['X-Price', '5 €']])), /^HTTP\/1\.1 500 /);
});

test('7: a chunked body that breaks while the application reads it is a 400', async () => {
  await using serving = await serve(async (environ, start) => {
    await environ['wsgi.input'].read();
    start('200 OK', []);
    return [];
  });
  await using client = await rawConnect(serving.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  await client.write('zz\r\n');
  assert.match(await client.readUntil('\r\n'), /^HTTP\/1\.1 400 /);
  await client.closed;
});

for (const [what, request, status] of [
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['the Host a/b', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
  ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 405],
] as const) {
  test(`8: a request with ${what} is a ${status} and never reaches the application`, async () => {
    const answer = await answerTo(request, () => assert.fail('called'));
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

test('9: a list of one element goes out with a Content-Length', async () => {
  const answer = await answerTo(get, answering('200 OK', []));
  assert.match(answer, /\r\nContent-Length: 5\r\n/);
  assert.doesNotMatch(answer, /Transfer-Encoding/);
});

test('10: a block of text instead of bytes is noticed before the head is out', async () => {
  const application = function* (_environ: unknown, start: (status: string, headers: Header[]) => void) {
    start('200 OK', []);
    yield 'hello';
  };
  assert.match(await answerTo(get, application as unknown as Application), /^HTTP\/1\.1 500 /);
});
