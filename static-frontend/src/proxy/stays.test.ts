import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { handshake, switched } from '@trivet/kit/testing/tunnel-stand.ts';
import type { UpstreamOptions } from '../define-site.ts';
import type { Reply } from '../testing/running-front.ts';
import { named, siteOf, turnTo, upstreamFront, whoAnswers } from '../testing/upstream-front.ts';

const sticky = { cookie: 'place', secret: 'hush, this is one of ours' };

/** As the client gives it back. */
const cookieIn = ({ get }: Pick<Reply, 'get'>) => get('set-cookie')?.split(';', 1)[0] ?? '';

describe('a client with a cookie', () => {
  test('stays with who answered it first, though others have their turns', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using front = await upstreamFront(siteOf({ addresses: [a.url, b.url], sticky }));
    const first = await front.ask('/x', ['Cookie', 'session=7']);
    assert.match(first.get('set-cookie') ?? '', /^place=[\w-]{8}\.[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = ['Cookie', `session=7; ${cookieIn(first)}`];
    assert.equal(await whoAnswers(front, 6, cookie), first.body.repeat(6));
    assert.equal((await front.ask('/x', cookie)).get('set-cookie'), undefined);
    assert.equal(new Set(await whoAnswers(front, 4)).size, 2, 'who has none is anybody’s');
    const asked = (first.body === 'a' ? a : b).requests.at(1);
    assert.equal(field(asked?.fields ?? [], 'cookie'), 'session=7', 'the app does not see it');
  });

  test('goes elsewhere when that one dies, and stays there', async () => {
    await using b = await named('b');
    await using a = await named('a');
    const site = siteOf({ addresses: [a.url, b.url], balance: 'fallback', sticky });
    await using front = await upstreamFront(site);
    const cookie = cookieIn(await front.ask('/x'));
    assert.equal(await whoAnswers(front, 1, ['Cookie', cookie]), 'a');
    await a[Symbol.asyncDispose]();
    const fallen = await front.ask('/x', ['Cookie', cookie]);
    assert.equal(fallen.body, 'b');
    const next = cookieIn(fallen);
    assert.match(next, /^place=/);
    assert.notEqual(next, cookie);
    const after = await front.ask('/x', ['Cookie', next]);
    assert.deepEqual([after.body, after.get('set-cookie')], ['b', undefined]);
  });

  test('stays through another site that has the address', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using front = await upstreamFront(siteOf({ addresses: [a.url, b.url], sticky }));
    const first = await front.ask('/x');
    turnTo(front, siteOf({ addresses: [{ address: b.url, weight: 9 }, a.url], sticky, maxFails: 5 }));
    assert.equal(await whoAnswers(front, 5, ['Cookie', cookieIn(first)]), first.body.repeat(5));
  });

  test('that is forged is led like any other, and gets one of ours', async () => {
    await using a = await named('a');
    await using b = await named('b');
    const site = siteOf({ addresses: [a.url, b.url], balance: 'fallback', sticky });
    await using front = await upstreamFront(site);
    await using there = await upstreamFront(siteOf({ addresses: b.url, sticky: { cookie: 'place' } }));
    const forged = cookieIn(await there.ask('/x'));
    const reply = await front.ask('/x', ['Cookie', forged]);
    assert.equal(reply.body, 'a');
    assert.notEqual(cookieIn(reply), forged);
    assert.equal(field(a.requests[0]?.fields ?? [], 'cookie'), undefined);
  });
});

test('whoever is asked for leave is asked where the client belongs', async () => {
  await using a = await named('a');
  await using b = await named('b');
  const authRequest = { proxy: 'app', path: '/auth' };
  const site = siteOf({ addresses: [a.url, b.url], sticky }, { routes: [{ path: '/', proxy: 'app', authRequest }] });
  await using front = await upstreamFront(site);
  const cookie = cookieIn(await front.ask('/x'));
  a.requests.length = 0;
  b.requests.length = 0;
  await whoAnswers(front, 4, ['Cookie', cookie]);
  assert.deepEqual([a.requests.length, b.requests.length].toSorted(), [0, 8]);
  const asked = [...a.requests, ...b.requests].filter(({ target }) => target === '/auth');
  assert.deepEqual(
    asked.map(({ fields }) => field(fields, 'cookie')),
    [undefined, undefined, undefined, undefined],
  );
});

describe('the same key', () => {
  const of = (at: number) => String(at * 7919);
  const table: [hashBy: UpstreamOptions['hashBy'], fields: (at: number) => string[], target: (at: number) => string][] =
    [
      ['url', () => [], (at) => `/x?${of(at)}`],
      [{ header: 'X-User' }, (at) => ['X-User', of(at)], () => '/x'],
      [{ cookie: 'user' }, (at) => ['Cookie', `user=${of(at)}`], () => '/x'],
      ['client', (at) => ['X-Forwarded-For', `10.${at}.${at * 3}.${at * 5}`], () => '/x'],
    ];
  for (const [hashBy, fields, target] of table) {
    test(`of ${JSON.stringify(hashBy)} has the same address, and another may have another`, async () => {
      await using a = await named('a');
      await using b = await named('b');
      const site = siteOf({ addresses: [a.url, b.url], balance: 'hash', ...(hashBy && { hashBy }) });
      await using front = await upstreamFront(site, { trusted: () => true });
      const pass = async () => {
        const bodies: string[] = [];
        for (let at = 1; at <= 24; at++) bodies.push((await front.ask(target(at), fields(at))).body);
        return bodies.join('');
      };
      const first = await pass();
      assert.equal(await pass(), first);
      assert.match(first, /a/);
      assert.match(first, /b/);
    });
  }
});

describe('a WebSocket', () => {
  /** Says who it is in the answer. */
  const switching = (name: string) =>
    rawOrigin((socket) =>
      socket.once('data', () =>
        socket.write(switched.replace('\r\n\r\n', `\r\nX-Who: ${name}\r\nSet-Cookie: s=1\r\n\r\n`)),
      ),
    );

  async function opened(port: number, fields: string[], target = '/ws') {
    await using client = await rawConnect(port);
    await client.write(handshake(fields, `GET ${target} HTTP/1.1`));
    const head = await client.readUntil('\r\n\r\n');
    const cookies = [...head.matchAll(/^Set-Cookie: (.*)\r$/gim)].map(([, value = '']) => value);
    return { who: /^X-Who: (.)/im.exec(head)?.[1], cookies, status: head.slice(9, 12) };
  }

  test('gets the cookie beside those of the app, and is led by it', async () => {
    await using a = await switching('a');
    await using b = await switching('b');
    await using front = await upstreamFront(siteOf({ addresses: [a.url, b.url], sticky }));
    const first = await opened(front.port, []);
    assert.equal(first.status, '101');
    assert.match(first.cookies.toSorted().join(' + '), /^place=[\w.-]{31}; Path=\/; HttpOnly; SameSite=Lax \+ s=1$/);
    const cookie = first.cookies.find((one) => one.startsWith('place='))?.split(';', 1)[0];
    for (let i = 0; i < 4; i++) {
      const next = await opened(front.port, [`Cookie: x=1; ${cookie}`]);
      assert.deepEqual(next, { ...first, cookies: ['s=1'] });
    }
    assert.doesNotMatch(a.received + b.received, /place=/);
  });

  test('goes elsewhere when that one takes no connection, with another cookie', async () => {
    await using b = await switching('b');
    await using a = await switching('a');
    const site = siteOf({ addresses: [a.url, b.url], balance: 'fallback', sticky });
    await using front = await upstreamFront(site);
    const first = await opened(front.port, []);
    assert.equal(first.who, 'a');
    await a[Symbol.asyncDispose]();
    const cookieOf = (cookies: string[]) => cookies.find((one) => one.startsWith('place='))?.split(';', 1)[0];
    const next = await opened(front.port, [`Cookie: ${cookieOf(first.cookies)}`]);
    assert.equal(next.who, 'b');
    assert.notEqual(cookieOf(next.cookies), undefined);
    assert.notEqual(cookieOf(next.cookies), cookieOf(first.cookies));
  });

  test('is led by its key', async () => {
    await using a = await switching('a');
    await using b = await switching('b');
    const rewrites = [{ path: '/old/', to: '/ws/' }];
    const site = siteOf({ addresses: [a.url, b.url], balance: 'hash', hashBy: 'url' }, { rewrites });
    await using front = await upstreamFront(site);
    const pass = async (path: string) => {
      let all = '';
      for (let at = 0; at < 16; at++) all += (await opened(front.port, [], `${path}${at * 7919}`)).who;
      return all;
    };
    const first = await pass('/ws/');
    assert.equal(await pass('/ws/'), first);
    assert.equal(await pass('/old/'), first, 'rewritten it is the same');
    assert.equal(new Set(first).size, 2);
    await eventually(() => assert.deepEqual(front.upstreams.tunnels.get('app')?.openCount, 0));
  });
});
