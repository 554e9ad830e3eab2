import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '@trivet/kit/process/units.ts';
import { field, lines } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { readReply, runFront } from '../testing/running-front.ts';

const site = {
  routes: [{ path: '/', files: '.', otherwise: { proxy: 'app' } }],
  errorPages: { 503: '503.html' },
};

async function frontOf(app: readonly Address[], firstByteMs = 2000) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ 'f.txt': 'f', '503.html': '<p>later: {{reason}}' }));
  const front = own.use(
    await runFront({ root: tree.path, site, app, proxying: { bodyLimit: 1024 }, timeouts: { firstByteMs } }),
  );
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

test('the target goes on byte for byte, Host as received', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200));
  await using front = await frontOf([app.address]);
  const target = "/a/.//b/../%7euser%2Fc//?q=%zz&r='x'|\\";
  await front.ask(target, ['X-Forwarded-For', '6.6.6.6', 'Connection', 'X-Hop', 'X-Hop', '1']);
  const [request] = app.requests;
  assert.equal(request?.target, target);
  assert.deepEqual(lines(request?.fields ?? [], 'host'), ['front.test']);
  assert.equal(field(request?.fields ?? [], 'x-forwarded-for'), '127.0.0.1');
  assert.equal(field(request?.fields ?? [], 'via'), '1.1 static-frontend');
  assert.equal(field(request?.fields ?? [], 'x-hop'), undefined);
});

test('the answer comes back as it is, but for what belongs to the connection', async () => {
  await using app = await scriptedOrigin((_, reply) =>
    reply.send(
      201,
      ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'X-Hop', 'X-Hop', '1', 'X-Nonce', 'n'],
      'body',
    ),
  );
  await using front = await frontOf([app.address]);
  const reply = await front.ask('/x');
  assert.deepEqual([reply.status, reply.body, reply.get('x-nonce')], [201, 'body', 'n']);
  assert.equal(reply.head.match(/^Set-Cookie: /gm)?.length, 2);
  assert.equal(reply.get('x-hop'), undefined);
});

test('a body too large by its announcement is refused before a byte of it is wanted', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200), { startAt: 'head' });
  await using front = await frontOf([app.address]);
  const head = 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1025\r\n\r\n';
  const reply = readReply(await rawExchange(front.port, head));
  assert.equal(reply.status, 413);
  assert.match(reply.body, /body-too-large/);
  assert.equal(app.requests.length, 0);
});

test('interim answers and trailers reach a client that takes them', async () => {
  await using app = await scriptedOrigin(async (_, reply) => {
    reply.interim(103, ['Link', '</a.css>; rel=preload']);
    reply.head(200, ['Trailer', 'X-Sum']);
    await reply.write('hello');
    reply.end('', ['X-Sum', '5']);
  });
  await using front = await frontOf([app.address]);
  await using client = await rawConnect(front.port);
  await client.write('GET /x HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n');
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 103 [\s\S]*Link: /);
  assert.match(await client.readUntil('0\r\nX-Sum: 5\r\n\r\n'), /HTTP\/1\.1 200 /);
  assert.equal(field(app.requests[0]?.fields ?? [], 'te'), 'trailers');
});

test('a client that leaves takes its request to the app with it', async () => {
  await using app = await scriptedOrigin(
    async (_, reply) => {
      reply.head(200);
      await reply.write('begun');
      await reply.closed;
    },
    { startAt: 'head' },
  );
  await using front = await frontOf([app.address]);
  await using client = await rawConnect(front.port);
  await client.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('begun');
  client.reset();
  const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
  assert.equal(record.outcome, 'client-left');
});

test('an app that breaks off in mid-body breaks the transfer', async () => {
  await using app = await scriptedOrigin(async (_, reply) => {
    reply.head(200, ['Content-Length', '100']);
    await reply.write('half');
    reply.break();
  });
  await using front = await frontOf([app.address]);
  const received = await rawExchange(front.port, 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match(received, /Content-Length: 100[\s\S]*\r\n\r\nhalf$/i);
});

for (const [what, behave, status, reason, proxyError] of [
  ['drops the connection', 'drop', 502, 'reset-before-head', 'connection_terminated'],
  ['says nothing', 'silence', 504, 'timeout-first-byte', 'http_response_timeout'],
] as const) {
  test(`an app that ${what} makes a ${status} with its reason`, async () => {
    await using app = await rawOrigin((socket) => {
      if (behave === 'drop') socket.once('data', () => socket.destroy());
    });
    await using front = await frontOf([app.address], 300);
    const reply = await front.ask('/x');
    assert.equal(reply.status, status);
    assert.match(reply.body, new RegExp(`static-frontend[\\s\\S]*${reason}`));
    assert.match(reply.get('proxy-status') ?? '', new RegExp(`^static-frontend;error=${proxyError}`));
    assert.equal(front.records[0]?.fault?.reason, reason);
  });
}

test('an app that is not there makes a 503 on the site’s page, and files are served all the same', async () => {
  await using front = await frontOf([{ kind: 'unix', path: '/nonexistent/app.sock' }]);
  const reply = await front.ask('/x');
  assert.deepEqual([reply.status, reply.body], [503, '<p>later: refused']);
  assert.ok(reply.get('retry-after'));
  assert.match(reply.get('proxy-status') ?? '', /connection_refused/);
  assert.equal((await front.ask('/f.txt')).body, 'f');
});

test('a request moves to the next address when one refuses, whatever its method: nothing was sent', async () => {
  await using app = await scriptedOrigin((request, reply) => reply.send(200, [], request.body));
  await using front = await frontOf([{ kind: 'unix', path: '/nonexistent/app.sock' }, app.address]);
  for (let i = 0; i < 4; i++) {
    const post = 'POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello';
    assert.equal(readReply(await rawExchange(front.port, post)).body, 'hello');
  }
});

test('a HEAD of the app has its fields and no body', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200, ['Content-Length', '5', 'X-App', '1']));
  await using front = await frontOf([app.address]);
  const reply = await front.ask('/x', [], 'HEAD');
  assert.deepEqual([reply.get('content-length'), reply.get('x-app'), reply.body], ['5', '1', '']);
});
