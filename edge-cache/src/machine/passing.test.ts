import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];

test('methods other than GET and HEAD pass, with their bodies, untouched', async () => {
  await using stand = await edgeStand((request, reply) => {
    reply.send(200, fresh, `${request.method} ${request.target} ${field(request.fields, 'if-match')} ${request.body}`);
  });
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    for (const n of [1, 2]) {
      const answer = await stand.send(method, `/x?b=2&a=${n}`, { body: 'the body', headers: { 'if-match': '"t"' } });
      assert.equal(answer.body, `${method} /x?b=2&a=${n} "t" the body`);
      assert.equal(answer.cacheStatus, 'edge-cache; fwd=method');
    }
  }
  assert.equal(stand.edge.store.stats().entries, 0);
});

test('a body streams up while the answer streams down', async () => {
  await using stand = await edgeStand(
    async (request, reply) => {
      reply.head(200, ['Content-Type', 'text/plain']);
      await reply.write('begun ');
      await request.outcome;
      reply.end(`${request.body}`);
    },
    { startAt: 'head' },
  );
  await using client = await rawConnect(stand.port);
  await client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfirst');
  await client.readUntil('begun ');
  await client.write(' last');
  await client.readUntil('first last');
});

test('a GET with a body passes', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  for (const n of [1, 2]) {
    const answer = await stand.send('GET', '/', { body: 'x' });
    assert.deepEqual(
      [answer.body, answer.cacheStatus],
      [`answer ${n}`, 'edge-cache; fwd=bypass; detail="request-body"'],
    );
  }
});

for (const path of ['/fetched', '/passed']) {
  test(`[case 66] 1xx and trailers reach HTTP/1.1 clients when ${path.slice(1)}`, async () => {
    await using stand = await edgeStand(
      async (_, reply) => {
        reply.interim(103, ['Link', '</a.css>; rel=preload']);
        reply.head(200, [...fresh, 'Trailer', 'X-Sum']);
        await reply.write('first ');
        reply.end('last', ['X-Sum', '42']);
      },
      { policy: { receive: (request) => (request.path === '/passed' ? { do: 'pass' } : undefined) } },
    );
    const first = stand.ask(path, { headers: { te: 'trailers' } });
    assert.equal((await first.whole()).body, 'first last');
    assert.deepEqual(
      first.interim.map(({ status, header }) => [status, header('link')]),
      [[103, '</a.css>; rel=preload']],
    );
    assert.deepEqual({ ...(await first.trailers()) }, { 'x-sum': '42' });
    const second = stand.ask(path, { headers: { te: 'trailers' } });
    assert.deepEqual({ ...(await second.trailers()) }, { 'x-sum': '42' }, 'kept with what is stored');
    const plain = await stand.get('/fetched');
    assert.equal(plain.body, 'first last');
    if (path === '/fetched') assert.equal(plain.header('content-length'), '10');
  });
}

test('[case 66] 1xx go to all who wait, and not to HTTP/1.0', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (_, reply) => {
    await open.promise;
    reply.interim(103, ['Link', '</a.css>']);
    reply.send(200, fresh, 'answer');
  });
  const asked = [stand.ask('/', { headers: { host: 'h' } }), stand.ask('/', { headers: { host: 'h' } })];
  await stand.begun(2);
  await using old = await rawConnect(stand.port);
  await old.write('GET / HTTP/1.0\r\nHost: h\r\n\r\n');
  await stand.begun(3);
  open.resolve();
  for (const one of asked) {
    await one.whole();
    assert.equal(one.interim.length, 1);
  }
  await old.closed;
  assert.match(old.received, /^HTTP\/1\.1 200 /);
});

test('error pages of the origin pass as they are; those of the edge name it', async () => {
  await using stand = await edgeStand((request, reply) => {
    if (request.target === '/theirs') reply.send(502, ['Content-Type', 'text/plain'], 'their page');
    else reply.break();
  });
  const theirs = await stand.get('/theirs');
  assert.deepEqual([theirs.status, theirs.body, theirs.header('proxy-status')], [502, 'their page', undefined]);
  for (const method of ['GET', 'POST']) {
    const ours = await stand.send(method, '/ours', { headers: { accept: 'application/json' } });
    assert.equal(ours.status, 502);
    assert.equal(JSON.parse(ours.body).tier, 'edge-cache');
    assert.match(ours.header('proxy-status') ?? '', /^edge-cache;error=connection_terminated/);
    assert.match(ours.cacheStatus, /^edge-cache; fwd=(?:uri-miss|method); detail="reset-before-head"$/);
    assert.match(ours.header('server-timing') ?? '', /edge;dur=/);
  }
});

test('OPTIONS * is answered here', async () => {
  await using stand = await edgeStand(numbered(() => ({})));
  await using client = await rawConnect(stand.port);
  await client.write('OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await client.closed;
  assert.match(client.received, /^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n/);
  assert.equal(stand.origin.requests.length, 0);
});

for (const cacheControl of ['max-age=60', 'no-store']) {
  test(`what would come too late or to the wrong client is no trailer, neither sent nor kept (${cacheControl})`, async () => {
    await using stand = await edgeStand(async (_, reply) => {
      reply.head(200, ['Cache-Control', cacheControl]);
      await reply.write('x');
      reply.end('', ['Set-Cookie', 'a=b', 'X-Sum', '42', 'Cache-Control', 'no-store', 'Age', '5']);
    });
    for (let i = 0; i < 2; i++) {
      const asking = stand.ask('/', { headers: { te: 'trailers' } });
      await asking.whole();
      assert.deepEqual({ ...(await asking.trailers()) }, { 'x-sum': '42' });
    }
  });
}
