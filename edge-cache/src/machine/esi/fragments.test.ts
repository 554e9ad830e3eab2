import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { esi, fragment, fresh, include, site } from '../../testing/esi-site.ts';
import { edgeStand, type Stand } from '../../testing/stand.ts';

const targets = (stand: Stand) => stand.origin.requests.map(({ target }) => target);

test('fragments have lifetimes of their own', async () => {
  let n = 0;
  const count = (seconds: number) => fragment2(`max-age=${seconds}`);
  const fragment2 = (directives: string) => (reply: Parameters<ReturnType<typeof fragment>>[0]) => {
    n += 1;
    reply.send(200, ['Cache-Control', directives], `[${n}]`);
  };
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/short')}${include('/long')}${include('/none')}`,
      '/short': count(10),
      '/long': count(50),
      '/none': fragment2('no-store'),
    }),
  );
  const bodies: string[] = [];
  for (const seconds of [0, 5, 5, 30, 15]) {
    stand.clock.advance(seconds * 1000);
    bodies.push((await stand.get('/')).body);
  }
  assert.deepEqual(
    bodies.map((body) => body.slice('<p>'.length).split('][').length),
    [3, 3, 3, 3, 3],
  );
  const asked = (target: string) => targets(stand).filter((other) => other === target).length;
  assert.deepEqual([asked('/'), asked('/short'), asked('/long'), asked('/none')], [1, 4, 2, 5]);
});

test('a purged fragment changes the page, and nothing else is fetched', async () => {
  let n = 0;
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/f')}${include('/g')}`,
      '/f': (reply) => reply.send(200, fresh, `[${++n}]`),
      '/g': fragment('[g]'),
    }),
  );
  assert.equal((await stand.get('/')).body, '<p>[1][g]');
  await stand.send('PURGE', '/f');
  assert.equal((await stand.get('/')).body, '<p>[2][g]');
  assert.equal((await stand.get('/')).body, '<p>[2][g]');
  assert.deepEqual(targets(stand), ['/', '/f', '/g', '/f']);
});

test('a fragment is given stale while it is refreshed, and when the origin fails', async () => {
  let n = 0;
  await using stand = await edgeStand(
    site({
      '/': (reply) =>
        reply.send(
          200,
          ['Cache-Control', 'max-age=1000', 'Surrogate-Control', 'content="ESI/1.0"'],
          `<p>${include('/f')}`,
        ),
      '/f': (reply) => {
        n += 1;
        if (n === 3) reply.send(503);
        else reply.send(200, ['Cache-Control', 'max-age=10, stale-while-revalidate=10'], `[${n}]`);
      },
    }),
  );
  assert.equal((await stand.get('/')).body, '<p>[1]');
  stand.clock.advance(15_000);
  assert.equal((await stand.get('/')).body, '<p>[1]');
  await eventually(() => assert.equal(stand.edge.counters.stored, 3));
  stand.clock.advance(30_000);
  assert.equal((await stand.get('/')).body, '<p>[2]');
  assert.equal(n, 3);
});

test('what a fragment sets is not set for the page', async () => {
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/cookie')}${include('/typed')}`,
      '/cookie': (reply) => reply.send(200, ['Set-Cookie', 'a=1', ...fresh], '[c]'),
      '/typed': (reply) => reply.send(201, ['Content-Type', 'text/x', 'X-F', '1', 'ETag', '"f"', ...fresh], '[t]'),
    }),
  );
  for (const _ of ['fetched', 'stored']) {
    const page = await stand.get('/');
    assert.equal(page.body, '<p>[c][t]');
    for (const name of ['set-cookie', 'x-f', 'etag', 'content-type']) assert.equal(page.header(name), undefined, name);
  }
  assert.equal(targets(stand).filter((target) => target === '/cookie').length, 2, 'not stored');
});

test('a fragment is asked for in the name of the client that asked for the page', async () => {
  await using stand = await edgeStand(
    site({
      '/dir/': `<p>${include('f?a&amp;b')}${include('http://other.example/g')}`,
      '/dir/f?a&b': fragment('f'),
      '/g': fragment('g'),
    }),
    { esiHosts: ['other.example'] },
  );
  const headers = {
    ...{ host: 'Example.com', cookie: 'a=1', authorization: 'Basic eDp5', 'accept-language': 'de' },
    ...{ 'accept-encoding': 'gzip', range: 'bytes=0-1', 'if-none-match': '"x"', 'x-own': '1' },
  };
  assert.equal((await stand.get('/dir/', headers)).body, '<p>fg');
  const [page, own, other] = stand.origin.requests.map(
    ({ fields }) =>
      (name: string) =>
        field(fields, name),
  );
  for (const [name, values] of Object.entries({
    host: ['Example.com', 'Example.com', 'other.example'],
    cookie: ['a=1', 'a=1', undefined],
    authorization: ['Basic eDp5', 'Basic eDp5', undefined],
    'accept-language': ['de', 'de', 'de'],
    'x-own': ['1', '1', '1'],
    'accept-encoding': ['gzip', undefined, undefined],
    range: [undefined, undefined, undefined],
    'if-none-match': [undefined, undefined, undefined],
    'x-forwarded-for': ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    'x-forwarded-host': ['Example.com', 'Example.com', 'other.example'],
  })) {
    assert.deepEqual([page?.(name), own?.(name), other?.(name)], values, name);
  }
  assert.equal(own?.('x-request-id'), page?.('x-request-id'));
});

test('a fragment of another host is stored under that host', async () => {
  await using stand = await edgeStand(
    (request, reply) =>
      request.target === '/'
        ? reply.send(200, esi, `<p>${include('//other.example/f')}${include('/f')}`)
        : reply.send(200, fresh, `[${field(request.fields, 'host')}]`),
    { esiHosts: ['*.example'] },
  );
  for (const _ of ['fetched', 'stored'])
    assert.equal((await stand.get('/', { host: 'own' })).body, '<p>[other.example][own]');
  assert.equal((await stand.get('/f', { host: 'other.example' })).body, '[other.example]');
  assert.equal(stand.origin.requests.length, 3);
});

test('the policy decides on fragments as on requests', async () => {
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/f?utm_x=1&a=2')}${include('/made', 'onerror="continue"')}${include('/page')}`,
      '/f?a=2': fragment('[f]'),
    }),
    {
      policy: {
        query: { remove: ['utm_*'] },
        receive: ({ path }) => {
          if (path === '/made') return { do: 'synth', status: 403 };
          return path === '/page' ? { do: 'synth', status: 200 } : undefined;
        },
        synth: (status) => (status === 200 ? { body: '[made]' } : undefined),
      },
    },
  );
  assert.equal((await stand.get('/')).body, '<p>[f][made]');
});

test('the policy knows how deep a fragment is', async () => {
  await using stand = await edgeStand(
    site({ '/': `<p>${include('/1')}`, '/1': `<i>${include('/2')}`, '/2': fragment('2') }),
    { policy: { fetch: ({ esiLevel }) => ({ set: { 'X-Level': String(esiLevel) } }) } },
  );
  await stand.get('/');
  const levels = stand.origin.requests.map(({ fields }) => field(fields, 'x-level'));
  assert.deepEqual(levels, ['0', '1', '2']);
});

test('a hook that fails for a fragment costs that fragment, and the page only where it must', async () => {
  const fails = ({ path }: { path: string }) => {
    if (path === '/f') throw new Error('the hook');
    return undefined;
  };
  await using stand = await edgeStand(
    site({ '/': `<p>${include('/f', 'onerror="continue"')}2`, '/must': `<p>${include('/f')}` }),
    {
      policy: { receive: fails },
    },
  );
  assert.equal((await stand.get('/')).body, '<p>2');
  assert.equal(await stand.ask('/must').outcome, 'broken');
});

test('a hook that fails for an answer that passes by costs it a 503', async () => {
  const fails = () => {
    throw new Error('the hook');
  };
  for (const hooks of [{ admit: fails }, { deliver: fails }]) {
    await using stand = await edgeStand(site({ '/': `<p>${include('/')}` }), {
      policy: { receive: () => ({ do: 'pass' }), ...hooks },
    });
    assert.equal((await stand.get('/')).status, 503);
  }
});

test('a client that will have nothing but what is stored gets no page that would have to be fetched', async () => {
  await using stand = await edgeStand(site({ '/': `<p>${include('/f')}`, '/f': fragment('[f]') }));
  await stand.get('/');
  const ask = () => stand.ask('/', { headers: { 'cache-control': 'only-if-cached' } });
  assert.equal((await ask().whole()).body, '<p>[f]');
  await stand.send('PURGE', '/f');
  assert.equal(await ask().outcome, 'broken');
});
