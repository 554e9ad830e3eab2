import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { type FrontOptions, runFront } from '../../testing/running-front.ts';

async function stand(script: Script, over: Partial<FrontOptions> = {}) {
  await using own = new AsyncDisposableStack();
  const app = own.use(await scriptedOrigin(script));
  const tree = own.use(await fileTree({ '503.html': '<p>later: {{reason}}' }));
  const site = {
    routes: [
      { path: '/', proxy: 'app', intercept: [401, 404, 503], location: { 'http://app/': '/' } },
      { path: '/', files: '.', otherwise: { proxy: 'app' } },
    ],
    errorPages: { 503: '503.html' },
  };
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address], ...over }));
  const all = own.move();
  return { app, front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

describe('a page of this tier stands in for an answer of the app', () => {
  test('with its status and what belongs to that, and the connection with the app is used again', async () => {
    const fields = ['Retry-After', '7', 'Set-Cookie', 'secret=1', 'X-Trace', 'at app.py:1', 'ETag', '"x"'];
    await using it = await stand((_, reply) => reply.send(503, fields, 'Traceback (most recent call last)'));
    for (let i = 0; i < 3; i++) {
      const reply = await it.front.ask('/x', ['Accept', 'text/html']);
      assert.deepEqual([reply.status, reply.body, reply.get('retry-after')], [503, '<p>later: intercepted', '7']);
      assert.doesNotMatch(reply.head, /secret|x-trace|etag/i);
    }
    assert.equal(it.app.connections, 1);
    const [record] = it.front.records;
    assert.deepEqual([record?.status, record?.outcome, record?.fault?.reason], [503, 'done', 'intercepted']);
  });

  test('with the challenge of a 401', async () => {
    await using it = await stand((_, reply) => reply.send(401, ['WWW-Authenticate', 'Basic realm="a"'], 'no'));
    const reply = await it.front.ask('/x');
    assert.deepEqual([reply.status, reply.get('www-authenticate')], [401, 'Basic realm="a"']);
  });

  test('and to HEAD', async () => {
    await using it = await stand((_, reply) => reply.send(404, ['Content-Length', '5']));
    const reply = await it.front.ask('/x', [], 'HEAD');
    assert.deepEqual([reply.status, reply.body], [404, '']);
  });

  test('at once, however long the app’s own goes on; that is broken off', async () => {
    let isAbandoned = false;
    await using it = await stand(async (_, reply) => {
      reply.head(503);
      await reply.write(Buffer.alloc(80 * 1024, 'x'));
      await reply.closed;
      isAbandoned = true;
    });
    await using client = await rawConnect(it.front.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n');
    await client.readUntil('<p>later: intercepted');
    await eventually(() => assert.ok(isAbandoned));
    // The client's own connection is as good as before.
    await client.write('GET /y HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n');
    await client.readUntil('<p>later: intercepted');
  });

  test('at once, though the app’s own never ends and never is much; that is broken off, too', async () => {
    let isAbandoned = false;
    const script: Script = async (_, reply) => {
      reply.head(503);
      await reply.write('a little');
      await reply.closed;
      isAbandoned = true;
    };
    await using it = await stand(script, { timeouts: { betweenBytesMs: 60_000 } });
    assert.match((await it.front.ask('/x', ['Accept', 'text/html'])).body, /later: intercepted/);
    await eventually(() => assert.ok(isAbandoned));
  });

  test('but not for other statuses', async () => {
    await using it = await stand((_, reply) => reply.send(500, [], 'mine'));
    assert.equal((await it.front.ask('/x')).body, 'mine');
  });
});

test('a place is called what clients call it', async () => {
  await using it = await stand((_, reply) => reply.send(302, ['Location', 'http://app/x']));
  assert.equal((await it.front.ask('/y')).get('location'), '/x');
});
