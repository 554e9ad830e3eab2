import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { testLanes } from '../testing/both-lanes.ts';
import type { Application } from '../wsgi.ts';

const hello: Application = (environ, start) => {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(`hello ${environ.PATH_INFO}`)];
};
const close = 'Connection: close\r\n';
const never = new Promise<never>(() => undefined);

/** Text of the first line and of what follows the head. */
async function fetched(url: string, init?: RequestInit): Promise<[status: number, text: string]> {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
}

testLanes('an application answers over the wire, with this tier’s own fields', async (serve) => {
  await using serving = await serve(hello);
  const response = await fetch(`${serving.url}/a%20b?x`);
  assert.equal(await response.text(), 'hello /a b');
  assert.match(response.headers.get('server-timing') ?? '', /^app;dur=/);
  assert.match(response.headers.get('x-request-id') ?? '', /./);
});

testLanes('one exchange has one id: the application’s own X-Request-Id is replaced', async (serve) => {
  await using serving = await serve((environ, start) => {
    start('200 OK', [['x-request-id', 'mine']]);
    return [Buffer.from(environ['trivet.request_id'] ?? '')];
  });
  const response = await fetch(serving.url, { headers: { 'X-Request-Id': 'abc-123' } });
  assert.equal(response.headers.get('x-request-id'), 'abc-123');
  assert.equal(await response.text(), 'abc-123');
});

testLanes('bytes go through as they are: path, header and header back', async (serve) => {
  await using serving = await serve((environ, start) => {
    start('200 OK', [['X-Back', environ.HTTP_X_BYTES ?? '']]);
    return [Buffer.from(environ.PATH_INFO, 'latin1')];
  });
  const answer = await rawExchange(
    serving.port,
    `GET /%ff%C3%A9 HTTP/1.1\r\nHost: a\r\nX-Bytes: \xe9\xff\r\n${close}\r\n`,
  );
  assert.match(answer, /\r\nX-Back: \xe9\xff\r\n/);
  assert.ok(answer.endsWith('\r\n\r\n/\xff\xc3\xa9'));
});

testLanes('an error before the head is a 500 whose page tells nothing of it, and the server goes on', async (serve) => {
  await using serving = await serve((environ, start) => {
    if (environ.PATH_INFO === '/bad') throw new Error('password is hunter2');
    return hello(environ, start);
  });
  const [status, page] = await fetched(`${serving.url}/bad`);
  assert.equal(status, 500);
  assert.match(page, /app-backend/);
  assert.doesNotMatch(page, /hunter2/);
  assert.match(String(serving.records[0]?.fault?.cause), /hunter2/);
  assert.deepEqual(await fetched(`${serving.url}/x`), [200, 'hello /x']);
});

testLanes('the deadline of a request is a 504 before the head, and the application is told', async (serve) => {
  let signal: AbortSignal | undefined;
  await using serving = await serve(
    (environ) => {
      signal = environ['trivet.signal'];
      return never;
    },
    { requestTimeoutMs: 20 },
  );
  const response = await fetch(serving.url);
  assert.equal(response.status, 504);
  assert.match(response.headers.get('proxy-status') ?? '', /^app-backend; ?error=http_response_timeout/);
  assert.ok(signal?.aborted);
});

testLanes('the deadline of a request breaks the transfer once the head is out', async (serve) => {
  await using serving = await serve(
    async function* (_environ, start) {
      start('200 OK', []);
      yield Buffer.from('ab');
      yield await never;
    },
    { requestTimeoutMs: 50 },
  );
  const answer = await rawExchange(serving.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.ok(answer.endsWith('\r\n\r\n2\r\nab\r\n'));
});

testLanes('what is written to wsgi.errors becomes lines of the log with the id of the request', async (serve) => {
  await using serving = await serve((environ, start) => {
    environ['wsgi.errors'].write('one\ntwo');
    return hello(environ, start);
  });
  await fetched(serving.url, { headers: { 'X-Request-Id': 'abc' } });
  const lines = await eventually(() => {
    const said = serving.lines.filter(({ from }) => from === 'wsgi.errors');
    assert.equal(said.length, 2);
    return said;
  });
  assert.deepEqual(
    lines.map(({ msg, id }) => [msg, id]),
    [
      ['one', 'abc'],
      ['two', 'abc'],
    ],
  );
});

testLanes('a field name with an underscore is left out, and logged once', async (serve) => {
  await using serving = await serve((environ, start) => {
    start('200 OK', []);
    return [Buffer.from(String(environ.HTTP_X_USER))];
  });
  for (let i = 0; i < 2; i++) {
    const request = `GET / HTTP/1.1\r\nHost: a\r\nX_User: root\r\n${close}\r\n`;
    assert.ok((await rawExchange(serving.port, request)).endsWith('\r\n\r\nundefined'));
  }
  assert.equal(serving.lines.filter(({ msg }) => String(msg).includes('X_User')).length, 1);
});

testLanes('a path outside of the mount is a 404 of this tier', async (serve) => {
  await using serving = await serve(hello, { mount: '/shop' });
  assert.deepEqual(await fetched(`${serving.url}/shop/x`), [200, 'hello /x']);
  assert.equal((await fetched(`${serving.url}/x`))[0], 404);
});

testLanes('contradicting forwarding fields are a 400', async (serve) => {
  await using serving = await serve(hello);
  const headers = { 'X-Forwarded-Proto': 'https', Forwarded: 'for=1.2.3.4;proto=http' };
  assert.equal((await fetched(serving.url, { headers }))[0], 400);
});

testLanes('OPTIONS * asks the server, not the application', async (serve) => {
  await using serving = await serve(() => assert.fail('called'));
  const answer = await rawExchange(serving.port, `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n/);
});

testLanes('early hints go out ahead of the answer, and not to HTTP/1.0', async (serve) => {
  await using serving = await serve((environ, start) => {
    environ['wsgi.early_hints']?.([['Link', '</a.css>; rel=preload']]);
    assert.throws(() => environ['wsgi.early_hints']?.([['Link', 'a\r\nb']]));
    return hello(environ, start);
  });
  const hinted = await rawExchange(serving.port, `GET / HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
  assert.match(hinted, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  assert.match(await rawExchange(serving.port, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 OK\r\n/);
});
