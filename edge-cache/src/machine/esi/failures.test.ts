import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { esi, fragment, fresh, include, type Site, site } from '../../testing/esi-site.ts';
import { edgeStand } from '../../testing/stand.ts';

const large = 'x'.repeat(200_000);

/** Fragments that cannot be had, each for its own reason. */
const broken: Site = {
  '/404': (reply) => reply.send(404, fresh, 'no such'),
  '/500': (reply) => reply.send(500, [], 'sorry'),
  '/302': (reply) => reply.send(302, ['Location', '/ok'], 'go'),
  '/206': (reply) => reply.send(206, ['Content-Range', 'bytes 0-1/9'], 'pa'),
  '/silent': (_, request) => request.outcome.then(() => undefined),
  '/reset': (reply) => reply.break(),
  '/cut': async (reply) => {
    reply.head(200, [...fresh, 'Content-Length', '9']);
    await reply.write('par');
    reply.break();
  },
  '/cut-chunked': async (reply) => {
    reply.head(200, ['Cache-Control', 'no-store']);
    await reply.write('par');
    reply.break();
  },
};
const whole: Site = { '/ok': fragment('[ok]'), '/empty': fragment(''), '/204': (reply) => reply.send(204, fresh) };

const stand = (pages: Site) => edgeStand(site({ ...broken, ...whole, ...pages }), { firstByteMs: 100 });

for (const bad of Object.keys(broken)) {
  const cases: readonly [name: string, markup: string, body: string | undefined][] = [
    ['breaks the page off', include(bad), undefined],
    ['breaks the page off, whatever else onerror says', include(bad, 'onerror="abort"'), undefined],
    ['leaves nothing with onerror="continue"', include(bad, 'onerror="continue"'), '<p>12'],
    ['is replaced by its alt', include(bad, 'alt="/ok"'), '<p>1[ok]2'],
    ['is replaced by an empty alt', include(bad, 'alt="/empty" onerror="continue"'), '<p>12'],
    ['breaks the page off when its alt fails too', include(bad, 'alt="/404"'), undefined],
    ['leaves nothing when its alt fails too', include(bad, `alt="${bad}?alt" onerror="continue"`), '<p>12'],
    ['stands in for another in vain', include('/404', `alt="${bad}"`), undefined],
  ];
  for (const [name, markup, body] of cases) {
    test(`[case 44] [case 48] an include of ${bad} ${name}`, async () => {
      await using one = await stand({ '/': `<p>1${markup}2` });
      const page = one.ask('/');
      if (body === undefined) assert.equal(await page.outcome, 'broken');
      else assert.equal((await page.whole()).body, body);
      assert.ok(body === undefined ? '<p>1par'.startsWith(page.received) : page.received === body);
      assert.ok(one.edge.counters.fragmentFailures > 0);
    });
  }
}

for (const [good, body] of [
  ['/ok', '<p>1[ok]2'],
  ['/empty', '<p>12'],
  ['/204', '<p>12'],
] as const) {
  test(`[case 48] an include of ${good} needs no alt`, async () => {
    await using one = await stand({ '/': `<p>1${include(good, 'alt="/404"')}2` });
    for (const _ of ['fetched', 'stored']) assert.equal((await one.get('/')).body, body);
    assert.deepEqual(
      one.origin.requests.map(({ target }) => target),
      ['/', good],
    );
    assert.equal(one.edge.counters.fragmentFailures, 0);
  });
}

test('[case 44] a fragment fails with what it includes, and something may stand in for all of it', async () => {
  await using one = await stand({
    '/': `<p>1${include('/t', 'onerror="continue"')}2${include('/t', 'alt="/ok"')}3`,
    '/must': `<p>1${include('/t')}2`,
    '/t': `<i>[${include('/404')}]`,
  });
  for (const _ of ['fetched', 'stored']) {
    assert.equal((await one.get('/')).body, '<p>12[ok]3');
    assert.equal(await one.ask('/must').outcome, 'broken');
  }
});

test('the log says what broke the page off', async () => {
  await using one = await stand({ '/': `<p>1${include('/404')}2` });
  assert.equal(await one.ask('/').outcome, 'broken');
  await eventually(() => assert.equal(one.records.length, 1));
  const { status, outcome, fault, fragments } = one.records[0] ?? {};
  assert.deepEqual([status, outcome, fault?.reason, fragments], [200, 'broken', 'bad-response', 1]);
  assert.match(fault?.message ?? '', /\/404 was answered 404/);
});

test('[case 44] a fragment that breaks after so much of it that some was sent breaks the page off, whatever could stand in', async () => {
  await using one = await stand({
    '/': `<p>1${include('/large', 'alt="/ok" onerror="continue"')}2`,
    '/large': async (reply) => {
      reply.head(200, [...fresh, 'Content-Length', '200001']);
      await reply.write(large);
      reply.break();
    },
  });
  assert.equal(await one.ask('/').outcome, 'broken');
});

test('a page that breaks while it comes breaks off behind the fragments that it had', async () => {
  await using one = await stand({
    '/': async (reply) => {
      reply.head(200, esi);
      await reply.write(`<p>1${include('/ok')}2<esi:inc`);
      await one.origin.requests[1]?.outcome;
      reply.break();
    },
  });
  const page = one.ask('/');
  assert.equal(await page.outcome, 'broken');
  assert.ok('<p>1[ok]2'.startsWith(page.received), page.received);
});

test('a page that passes by and breaks while it comes breaks off, and the log says why', async () => {
  await using one = await edgeStand(
    site({
      ...whole,
      '/': async (reply) => {
        reply.head(200, esi);
        await reply.write(`<p>1${include('/ok')}2`);
        reply.break();
      },
    }),
    { policy: { receive: ({ path }) => (path === '/' ? { do: 'pass' } : undefined) } },
  );
  const page = one.ask('/');
  assert.equal(await page.outcome, 'broken');
  assert.ok('<p>1[ok]2'.startsWith(page.received), page.received);
  await eventually(() => assert.equal(one.records.length, 1));
  assert.deepEqual([one.records[0]?.outcome, one.records[0]?.fault?.reason], ['broken', 'reset-mid-body']);
});

test('an HTTP/1.0 client sees a page that broke off as one that did', async () => {
  await using one = await stand({ '/': `<p>1${include('/404')}2` });
  await using client = await rawConnect(one.port);
  let isReset = false;
  client.socket.on('error', () => {
    isReset = true;
  });
  await client.write('GET / HTTP/1.0\r\nHost: h\r\n\r\n');
  await client.closed;
  assert.ok(isReset || client.received === '', `${client.received}`);
});

for (const [name, markup, warnings] of [
  ['without src', '<esi:include alt="/ok"/>', 0],
  ['of a foreign host', include('http://other.example/ok'), 1],
  ['of a private address', include('http://127.0.0.1:9080/ok'), 1],
  ['of https elsewhere', include('https://other.example/ok'), 1],
  ['of another scheme', include('ftp://h/ok'), 1],
  ['of nothing that is a URL', include('http://:x/'), 1],
] as const) {
  test(`[case 50] an include ${name} is left out, and nobody is asked`, async () => {
    await using one = await stand({ '/': `<p>1${markup}2` });
    assert.equal((await one.get('/')).body, '<p>12');
    assert.deepEqual([one.origin.requests.length, one.edge.counters.fragmentFailures], [1, warnings]);
  });
}

test('what is refused is replaced by its alt', async () => {
  await using one = await stand({ '/': `<p>1${include('http://127.0.0.1:9080/', 'alt="/ok"')}2` });
  assert.equal((await one.get('/')).body, '<p>1[ok]2');
});

test('[case 43] a page that includes itself, or what it is part of, is given without that', async () => {
  await using one = await stand({
    '/': `<p>1${include('/')}${include('/a')}2`,
    '/a': `<a>${include('/b')}</a>`,
    '/b': `<b>${include('/a')}${include('/')}${include('/ok')}</b>`,
  });
  for (const _ of ['fetched', 'stored']) assert.equal((await one.get('/')).body, '<p>1<a><b>[ok]</b></a>2');
  assert.equal(one.edge.counters.fragmentFailures, 6, 'three are left out of each page, and that is told');
});

test('the page that a form is answered with may include the page of the form', async () => {
  await using one = await stand({
    '/form': (reply, { method }) =>
      method === 'GET' ? reply.send(200, fresh, 'form') : reply.send(200, esi, `<p>${include('/form')}`),
  });
  assert.equal((await one.send('POST', '/form', { body: 'x' })).body, '<p>form');
});

test('[case 43] fragments nest as deep as is allowed, and no deeper', async () => {
  const deep = (n: number): string => `<${n}>${n < 9 ? include(`/${n + 1}`) : ''}`;
  const pages = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`/${n}`, deep(n)]));
  for (const [esiDepth, body] of [
    [5, '<0><1><2><3><4><5>'],
    [1, '<0><1>'],
    [0, '<0>'],
  ] as const) {
    await using one = await edgeStand(site(pages), { esiDepth });
    for (const _ of ['fetched', 'stored']) assert.equal((await one.get('/0')).body, body);
  }
});

test('a page has as many fragments as is allowed, those in fragments too', async () => {
  const tree = `<i>${include('/a')}${include('/a')}${include('/a')}</i>`;
  await using one = await edgeStand(
    site({ '/': `<p>${include('/t')}${include('/t')}2`, '/t': tree, '/a': fragment('a') }),
    {
      esiIncludes: 6,
    },
  );
  const { body } = await one.get('/');
  assert.equal(body.replaceAll('a', ''), '<p><i></i><i></i>2');
  assert.equal(body.match(/a/g)?.length, 4);
  assert.equal(one.edge.counters.fragments, 6);
});
