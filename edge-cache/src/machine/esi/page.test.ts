import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { esi, fragment, fresh, include, site } from '../../testing/esi-site.ts';
import { edgeStand } from '../../testing/stand.ts';

const validators = ['ETag', '"p"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Repr-Digest', 'sha-256=:AA==:'];
const markup = `<p>1${include('/f')}2<esi:remove>no</esi:remove><!--esi ${include('f')}3-->4`;

test('a page is given with its fragments in it, when it is fetched and when it is stored', async () => {
  await using stand = await edgeStand(site({ '/': markup, '/f': fragment('[f]') }));
  for (const cacheStatus of [/fwd=uri-miss; stored/, /hit; ttl=60/]) {
    const page = await stand.get('/');
    assert.equal(page.body, '<p>1[f]2 [f]34');
    assert.match(page.cacheStatus, cacheStatus);
  }
  assert.deepEqual(
    stand.origin.requests.map(({ target }) => target),
    ['/', '/f'],
  );
});

test('what only the page itself has is not said of the whole', async () => {
  await using stand = await edgeStand(
    site({ '/': (reply) => reply.send(200, [...esi, ...validators, 'X-Page', '1'], markup), '/f': fragment('[f]') }),
  );
  for (const headers of [{}, { range: 'bytes=0-1' }, { 'if-none-match': '"p"' }, { 'if-match': '"x"' }]) {
    const page = await stand.get('/', headers);
    assert.deepEqual([page.status, page.body], [200, '<p>1[f]2 [f]34']);
    for (const name of [
      'etag',
      'last-modified',
      'content-length',
      'accept-ranges',
      'surrogate-control',
      'repr-digest',
    ]) {
      assert.equal(page.header(name), undefined, name);
    }
    assert.deepEqual([page.header('x-page'), page.header('cache-control')], ['1', 'max-age=60']);
  }
  const since = new Date(stand.clock.now + 60_000).toUTCString();
  assert.equal((await stand.get('/', { 'if-modified-since': since })).status, 200);
});

test('[case 47] a HEAD gets the head of the page, and asks for no fragment', async () => {
  await using stand = await edgeStand(site({ '/': markup, '/f': fragment('[f]') }));
  for (const method of ['HEAD', 'GET', 'HEAD']) {
    const { status, header, body } = await stand.send(method, '/');
    assert.deepEqual([status, header('content-length'), header('accept-ranges')], [200, undefined, undefined]);
    assert.equal(body, method === 'HEAD' ? '' : '<p>1[f]2 [f]34');
    if (method === 'HEAD') assert.ok(stand.origin.requests.length < 2 || stand.origin.requests.length === 3);
  }
});

test('[case 47] an HTTP/1.0 client gets the page up to the end of the connection', async () => {
  await using stand = await edgeStand(site({ '/': markup, '/f': fragment('[f]') }));
  for (const _ of ['fetched', 'stored']) {
    await using client = await rawConnect(stand.port);
    await client.write('GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n');
    await client.closed;
    const [head = '', body] = client.received.split('\r\n\r\n');
    assert.equal(body, '<p>1[f]2 [f]34');
    assert.doesNotMatch(head, /transfer-encoding|content-length/i);
  }
});

test('[case 49] markup is left alone where nobody asked for it to be processed', async () => {
  const body = `<p>${include('/f')}`;
  await using stand = await edgeStand(
    site({
      '/plain': (reply) => reply.send(200, fresh, body),
      '/theirs': (reply) => reply.send(200, [...fresh, 'Surrogate-Control', 'content="ESI/1.0";theirs'], body),
      '/json': (reply) => reply.send(200, esi, `{"a": "${body}"}`),
    }),
  );
  for (const path of ['/plain', '/theirs']) assert.equal((await stand.get(path)).body, body);
  assert.equal((await stand.get('/json')).body, `{"a": "${body}"}`);
  assert.equal(stand.origin.requests.length, 3);
});

test('the edge says that it can', async () => {
  await using stand = await edgeStand(site({ '/': '<p>' }));
  await stand.get('/');
  const said = field(stand.origin.requests[0]?.fields ?? [], 'surrogate-capability');
  assert.equal(said, 'edge-cache="Surrogate/1.0 ESI/1.0"');
});

for (const [name, fields, cacheStatus] of [
  ['stored', fresh, /hit/],
  ['not stored', ['Cache-Control', 'no-store'], /no-store/],
] as const) {
  test(`the policy can ask for it, and forbid it, on a page that is ${name}`, async () => {
    const page = `<p>${include('/f')}`;
    await using stand = await edgeStand(
      site({
        '/on': (reply, { method }) => reply.send(200, fields, method === 'HEAD' ? '' : page),
        '/off': (reply) => reply.send(200, [...esi, ...fields], page),
        '/f': fragment('[f]'),
      }),
      { policy: { admit: (_, { path }) => (path === '/f' ? undefined : { esi: path === '/on' }) } },
    );
    assert.equal((await stand.send('HEAD', '/on')).header('content-length'), undefined);
    for (const _ of ['fetched', 'again']) assert.equal((await stand.get('/on')).body, '<p>[f]');
    assert.match((await stand.get('/on')).cacheStatus, cacheStatus);
    for (const _ of ['fetched', 'again']) assert.equal((await stand.get('/off')).body, page);
  });
}

test('an error page may have fragments', async () => {
  await using stand = await edgeStand(
    site({ '/gone': (reply) => reply.send(404, esi, `<p>${include('/f')}`), '/f': fragment('[f]') }),
  );
  for (const _ of ['fetched', 'stored']) {
    const { status, body } = await stand.get('/gone');
    assert.deepEqual([status, body], [404, '<p>[f]']);
  }
});

test('a page that was found unchanged still has its fragments', async () => {
  await using stand = await edgeStand(
    site({
      '/': (reply, { fields }) => {
        if (field(fields, 'if-none-match') === undefined) return reply.send(200, [...esi, 'ETag', '"p"'], markup);
        reply.send(304, ['ETag', '"p"', ...fresh]);
      },
      '/f': (reply) => reply.send(200, ['Cache-Control', 'max-age=1000'], '[f]'),
    }),
  );
  await stand.get('/');
  stand.clock.advance(61_000);
  const page = await stand.get('/');
  assert.equal(page.body, '<p>1[f]2 [f]34');
  assert.match(page.cacheStatus, /fwd-status=304/);
});

for (const [name, receive] of [
  ['its method', undefined],
  ['the policy', () => ({ do: 'pass' }) as const],
] as const) {
  test(`[case 48] a page that passes by for ${name} has its fragments, which are asked for by GET and without its body`, async () => {
    await using stand = await edgeStand(
      async (request, reply) => {
        if (request.target === '/f') {
          const { method, body, fields } = request;
          const sent = ['content-length', 'content-type', 'range', 'if-match', 'accept-encoding', 'transfer-encoding'];
          return reply.send(200, fresh, `[${method} ${body} ${sent.map((name) => field(fields, name)).join('')}]`);
        }
        reply.head(200, [...esi, 'Trailer', 'X-Sum']);
        await reply.write(`<p>${request.body}<esi:incl`);
        await reply.write('ude src="f"/></p>');
        reply.end('', ['X-Sum', '1']);
      },
      { policy: { ...(receive && { receive: ({ path }) => (path === '/f' ? undefined : receive()) }) } },
    );
    const headers = {
      ...{ 'content-type': 'text/plain', range: 'bytes=0-1', 'if-match': '"x"' },
      ...{ 'accept-encoding': 'gzip', te: 'trailers' },
    };
    for (const _ of ['once', 'again']) {
      const page = await stand.send('POST', '/form', { body: 'sent', headers });
      assert.deepEqual([page.status, page.body], [200, '<p>sent[GET  ]</p>']);
      assert.deepEqual([page.header('content-length'), page.header('surrogate-control')], [undefined, undefined]);
    }
    assert.equal(stand.origin.requests.filter(({ target }) => target === '/f').length, 1);
  });
}

test('a HEAD that passes by gets the head that a GET would get', async () => {
  await using stand = await edgeStand(
    site({ '/': (reply) => reply.send(200, [...esi, 'ETag', '"p"', 'Content-Length', '9']) }),
    { policy: { receive: () => ({ do: 'pass' }) } },
  );
  const { status, header } = await stand.send('HEAD', '/');
  assert.deepEqual([status, header('content-length'), header('etag')], [200, undefined, undefined]);
});

test('the log tells how many fragments a page has', async () => {
  await using stand = await edgeStand(
    site({ '/': `<p>${include('/f')}${include('/g')}`, '/f': `<i>${include('/g')}`, '/g': fragment('g') }),
  );
  assert.equal((await stand.get('/')).body, '<p><i>gg');
  await stand.get('/g');
  assert.deepEqual(
    stand.records.map(({ target, fragments }) => [target, fragments]),
    [
      ['/', 3],
      ['/g', undefined],
    ],
  );
  assert.equal(stand.edge.counters.fragments, 3);
});
