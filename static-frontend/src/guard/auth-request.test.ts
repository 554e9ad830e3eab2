import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { entries, field, lines } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from '../define-site.ts';
import { readReply, runFront } from '../testing/running-front.ts';

const site: Site = {
  routes: [
    {
      ...{ path: '/app/', proxy: 'app', headers: { 'X-Route': '1' } },
      authRequest: { proxy: 'app', path: '/auth?x=1', copy: ['X-User', 'X-Groups'] },
    },
    { path: '/', files: '.', authRequest: { proxy: 'app', path: '/auth' } },
  ],
};

/** An app that says `verdict` when it is asked who may come in, and echoes what it gets otherwise. */
async function stand(verdict: Script, firstByteMs = 2000) {
  await using own = new AsyncDisposableStack();
  const app = own.use(
    await scriptedOrigin(async (request, reply) => {
      if (request.target.startsWith('/auth')) await verdict(request, reply);
      else reply.send(200, [], request.body);
    }),
  );
  const tree = own.use(await fileTree({ 'f.txt': 'f' }));
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address], timeouts: { firstByteMs } }));
  const all = own.move();
  return { app, front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

test('it is asked by a GET with the client’s fields, without what is of the request alone', async () => {
  await using at = await stand((_, reply) => reply.send(204));
  const reply = readReply(
    await rawExchange(
      at.front.port,
      'POST /app/%2F?q=1 HTTP/1.1\r\nHost: front.test\r\nCookie: sid=1\r\nContent-Length: 5\r\nContent-Type: text/x\r\n' +
        'If-None-Match: "a"\r\nRange: bytes=0-1\r\nX-Original-URI: /evil\r\nX_Original_Method: EVIL\r\n' +
        'Connection: close, TE\r\nTE: trailers\r\n\r\nhello',
    ),
  );
  assert.equal(reply.body, 'hello');
  const [asked, served] = at.app.requests;
  assert.deepEqual([asked?.method, asked?.target, asked?.body.length], ['GET', '/auth?x=1', 0]);
  const fields = asked?.fields ?? [];
  assert.deepEqual(lines(fields, 'x-original-uri'), ['/app/%2F?q=1']);
  assert.deepEqual(lines(fields, 'x-original-method'), ['POST']);
  assert.deepEqual([field(fields, 'cookie'), field(fields, 'host')], ['sid=1', 'front.test']);
  assert.equal(field(fields, 'x-forwarded-for'), '127.0.0.1');
  const names = Array.from(entries(fields), ([name]) => name.toLowerCase());
  for (const name of [
    'content-length',
    'content-type',
    'if-none-match',
    'range',
    'te',
    'transfer-encoding',
    'x_original_method',
  ]) {
    assert.ok(!names.includes(name), name);
  }
  assert.deepEqual([served?.method, served?.target], ['POST', '/app/%2F?q=1']);
});

test('what it vouches for reaches the app, and nothing that the client says of that kind does', async () => {
  await using at = await stand((_, reply) => reply.send(200, ['X-User', 'ada', 'X-Other', '1']));
  const forged = ['X-User', 'root', 'x_user', 'root', 'X-GROUPS', 'wheel', 'X_Groups', 'wheel'];
  await at.front.ask('/app/', [...forged, 'Connection', 'X-User']);
  const fields = at.app.requests[1]?.fields ?? [];
  const told = Array.from(entries(fields)).filter(([name]) => /^x[-_](?:user|groups|other)$/i.test(name));
  assert.deepEqual(told, [['X-User', 'ada']]);
});

test('401 and 403 go to the client with the challenges, on this tier’s page', async () => {
  const challenges = ['WWW-Authenticate', 'Bearer realm="a"', 'WWW-Authenticate', 'Basic realm="b"'];
  await using out = await stand((_, reply) => reply.send(401, [...challenges, 'X-Secret', '1'], 'its own page'));
  const reply = await out.front.ask('/app/');
  assert.equal(reply.status, 401);
  assert.equal(reply.head.match(/^WWW-Authenticate: /gm)?.length, 2);
  assert.match(reply.body, /not-authenticated/);
  assert.doesNotMatch(reply.head + reply.body, /its own page|X-Secret/);
  assert.equal(reply.get('x-route'), '1');

  await using forbidden = await stand((_, response) => response.send(403, challenges));
  const other = await forbidden.front.ask('/f.txt');
  assert.deepEqual([other.status, other.get('www-authenticate')], [403, undefined]);
  assert.match(other.body, /not-authorized/);
  assert.equal(forbidden.app.requests.length, 1);
});

for (const [what, verdict] of [
  ['redirects', (_, reply) => reply.send(302, ['Location', '/login'])],
  ['has nothing there', (_, reply) => reply.send(404)],
  ['fails', (_, reply) => reply.send(500)],
  ['breaks off', (_, reply) => reply.break()],
] as const satisfies [string, Script][]) {
  test(`one that ${what} makes a 500, and nobody comes in`, async () => {
    await using at = await stand(verdict);
    const reply = await at.front.ask('/f.txt');
    assert.equal(reply.status, 500);
    assert.match(reply.body, /auth-failed/);
    assert.equal(at.front.records[0]?.fault?.reason, 'auth-failed');
  });
}

test('one that says nothing makes a 500 once the upstream’s time is over', async () => {
  await using app = await rawOrigin(() => undefined);
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using front = await runFront({ root: tree.path, site, app: [app.address], timeouts: { firstByteMs: 100 } });
  const reply = await front.ask('/f.txt');
  assert.deepEqual([reply.status, /auth-failed/.test(reply.body)], [500, true]);
});

test('one that is not there makes a 500', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using front = await runFront({ root: tree.path, site });
  assert.equal((await front.ask('/f.txt')).status, 500);
});

test('its body is let go of: whole when it is short, with its connection when it has no end', async () => {
  await using short = await stand((_, reply) => reply.send(200, [], 'x'.repeat(10_000)));
  for (let i = 0; i < 3; i++) assert.equal((await short.front.ask('/f.txt')).body, 'f');
  assert.equal(short.app.connections, 1);

  let written = 0;
  const closed = Promise.withResolvers<void>();
  await using endless = await stand(async (_, reply) => {
    reply.head(200);
    void reply.closed.then(closed.resolve);
    // A write to a socket that is closing fails at once: without a turn of the loop it would never come to be closed.
    for (; !reply.isAbandoned; await setImmediate()) {
      await reply.write('x'.repeat(16_384));
      written += 16_384;
    }
  });
  assert.equal((await endless.front.ask('/f.txt')).body, 'f');
  await closed.promise;
  // What the kernel keeps on its way, and little more.
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes`);
});

test('a client that leaves takes the question with it', async () => {
  const closed = Promise.withResolvers<void>();
  await using at = await stand(async (_, reply) => {
    await reply.closed;
    closed.resolve();
  });
  await using client = await rawConnect(at.front.port);
  await client.write('GET /f.txt HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => assert.equal(at.app.requests.length, 1));
  client.reset();
  await closed.promise;
  await eventually(() => assert.partialDeepStrictEqual(at.front.records[0], { status: 499, outcome: 'client-left' }));
});
