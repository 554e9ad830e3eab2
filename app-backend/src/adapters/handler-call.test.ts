import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { anEnviron } from '../testing/recording.ts';
import type { Body, Environ } from '../wsgi.ts';
import { type Handler, HandlerCall } from './handler-call.ts';

/** Calls the handler; the other end of its connection is a server of node:http. */
function calling(handler: Handler, over: Partial<Environ> = {}, body?: string) {
  const environ = anEnviron(over, body === undefined ? undefined : Buffer.from(body));
  const call = new HandlerCall(environ, handler);
  const server = createServer((request, response) => call.begin(request, response));
  server.emit('connection', call.socket);
  return { call, environ };
}

async function textOf(body: Body): Promise<string> {
  const blocks: Uint8Array[] = [];
  for await (const block of body) blocks.push(block);
  return Buffer.concat(blocks).toString();
}

/** What the handler saw. */
async function seen(over: Partial<Environ>, body?: string): Promise<Record<string, unknown>> {
  const handler = async (request: IncomingMessage & { baseUrl?: string; originalUrl?: string }, to: ServerResponse) => {
    const { method, url, baseUrl, originalUrl, headers, httpVersion, socket } = request;
    const { remoteAddress, remotePort } = socket;
    to.end(
      JSON.stringify({
        method,
        url,
        baseUrl,
        originalUrl,
        headers,
        httpVersion,
        remoteAddress,
        remotePort,
        body: await text(request),
      }),
    );
  };
  const { call } = calling(handler, over, body);
  const said: unknown = JSON.parse(await textOf(call.bodyOf(await call.answer())));
  call.close();
  return said as Record<string, unknown>;
}

describe('a handler sees', () => {
  test('what is behind the mount as its url, and where that was', async () => {
    const at = { SCRIPT_NAME: '/m n', PATH_INFO: '/a b', RAW_URI: '/m%20n/a%20b?q', QUERY_STRING: 'q' };
    assert.partialDeepStrictEqual(await seen(at), {
      url: '/a%20b?q',
      baseUrl: '/m%20n',
      originalUrl: '/m%20n/a%20b?q',
    });
  });

  test('a slash where the path is empty', async () => {
    assert.partialDeepStrictEqual(await seen({ PATH_INFO: '', RAW_URI: '', REQUEST_URI: '' }), {
      url: '/',
      originalUrl: '/',
    });
  });

  for (const [method, over, headers] of [
    ['GET', {}, {}],
    ['POST', {}, { 'content-length': '0' }],
    ['FROBNICATE', {}, {}],
    ['PURGE', { CONTENT_LENGTH: '3' }, { 'content-length': '3' }],
    ['FROBNICATE', { HTTP_TRANSFER_ENCODING: 'chunked' }, { 'transfer-encoding': 'chunked' }],
  ] as const) {
    const body = 'CONTENT_LENGTH' in over || 'HTTP_TRANSFER_ENCODING' in over ? 'abc' : '';
    test(`its method, ${method}, with ${JSON.stringify(headers)}`, async () => {
      const found = await seen({ REQUEST_METHOD: method, ...over }, body);
      assert.deepEqual([found.method, found.body], [method, body]);
      const framing = ['content-length', 'transfer-encoding'].filter((name) => name in (found.headers as object));
      assert.deepEqual(framing, Object.keys(headers));
      assert.partialDeepStrictEqual(found.headers, headers);
    });
  }

  test('the version and the peer of the client', async () => {
    const found = await seen({ SERVER_PROTOCOL: 'HTTP/1.0', REMOTE_ADDR: '192.0.2.1', REMOTE_PORT: '5' });
    assert.partialDeepStrictEqual(found, { httpVersion: '1.0', remoteAddress: '192.0.2.1', remotePort: 5 });
  });
});

describe('the answer is', () => {
  test('what the handler threw, at once or later', async () => {
    for (const handler of [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('thrown')),
    ]) {
      const { call } = calling(handler);
      await assert.rejects(call.answer(), /^Error: thrown$/);
      call.close();
    }
  });

  test('a fault when the handler closes the connection, or changes the protocol', async () => {
    const closed = calling((request) => request.socket.destroy());
    await assert.rejects(closed.call.answer(), { name: 'Fault', message: 'the handler closed the connection' });
    const changed = calling((request) =>
      request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    );
    await assert.rejects(changed.call.answer(), {
      name: 'Fault',
      message: 'a handler behind WSGI cannot change the protocol',
    });
    for (const { call } of [closed, changed]) call.close();
  });

  test('the reason why the client left, when it did', async () => {
    const leaving = new AbortController();
    const { call } = calling(() => leaving.abort(new Error('client left')), { 'trivet.signal': leaving.signal });
    await assert.rejects(call.answer(), /client left/);
  });

  test('ahead of it, early hints, and no other interim head', async () => {
    const hints: unknown[] = [];
    const { call } = calling(
      (_, response) => {
        response.writeProcessing();
        response.writeEarlyHints({ link: '</a>' });
        response.end('x');
      },
      { 'wsgi.early_hints': (headers) => void hints.push(headers) },
    );
    await call.answer();
    call.close();
    assert.deepEqual(hints, [[['Link', '</a>']]]);
  });

  test('broken off with what the handler threw behind its head', async () => {
    const { call } = calling(async (_, response) => {
      response.write('half');
      await new Promise((resolve) => void setImmediate(resolve));
      throw new Error('thrown late');
    });
    await assert.rejects(async () => textOf(call.bodyOf(await call.answer())), /thrown late/);
    call.close();
  });
});
