import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { Policy } from '../../define-policy.ts';
import { esi, fragment, fresh, include, site } from '../../testing/esi-site.ts';
import { edgeStand, type Stand } from '../../testing/stand.ts';

const targets = (stand: Stand) => stand.origin.requests.map(({ target }) => target);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test('fragments are fetched side by side and sent in order', async () => {
  const count = 8;
  const all = new Barrier(count);
  const replies = new Map<string, ScriptedReply>();
  await using stand = await edgeStand(async ({ target }, reply) => {
    if (target === '/')
      return reply.send(
        200,
        esi,
        `<p>${numbers(count)
          .map((n) => `${n}${include(`/f${n}`)}`)
          .join('')}`,
      );
    replies.set(target, reply);
    all.arrive();
  });
  const page = stand.ask('/');
  await all.passed;
  for (const n of numbers(count).reverse()) {
    assert.equal(page.received, '<p>0');
    replies.get(`/f${n}`)?.send(200, fresh, `[${n}]`);
  }
  assert.equal(
    (await page.whole()).body,
    `<p>${numbers(count)
      .map((n) => `${n}[${n}]`)
      .join('')}`,
  );
});

test('no more than eight fragments are fetched ahead of the one that is sent', async () => {
  const replies: ScriptedReply[] = [];
  await using stand = await edgeStand(({ target }, reply) => {
    if (target === '/')
      return reply.send(
        200,
        esi,
        `<p>${numbers(40)
          .map((n) => include(`/f${n}`))
          .join('')}`,
      );
    replies.push(reply);
  });
  const page = stand.ask('/');
  await eventually(() => assert.equal(replies.length, 9));
  for (const n of numbers(8)) replies[n + 1]?.send(200, fresh, '.');
  await stand.get('/f1');
  assert.equal(replies.length, 9);
  replies[0]?.send(200, fresh, '.');
  await eventually(() => assert.equal(replies.length, 18));
  for (let n = 9; n < 40; n++) {
    await eventually(() => assert.ok(replies.length > n));
    replies[n]?.send(200, fresh, '.');
  }
  assert.equal((await page.whole()).body, `<p>${'.'.repeat(40)}`);
});

test('a fragment is asked for while the page that names it is still coming', async () => {
  let origin: ScriptedReply | undefined;
  await using stand = await edgeStand(
    site({
      '/': async (reply) => {
        origin = reply;
        reply.head(200, esi);
        await reply.write(`<p>${include('/f')} and`);
      },
      '/f': fragment('[f]'),
    }),
  );
  const page = stand.ask('/');
  await eventually(() => assert.equal(page.received, '<p>[f] and'));
  origin?.end(' more');
  assert.equal((await page.whole()).body, '<p>[f] and more');
});

test('the head of a page does not wait for its first fragment', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(
    site({ '/': include('/f'), '/f': (reply) => open.promise.then(() => reply.send(200, fresh, '[f]')) }),
  );
  const page = stand.ask('/');
  assert.equal((await page.head()).status, 200);
  open.resolve();
  assert.equal((await page.whole()).body, '[f]');
});

for (const [name, fields] of [
  ['stored', fresh],
  ['not stored', ['Cache-Control', 'no-store']],
] as const) {
  test(`a fragment that is ${name} is sent as it comes`, async () => {
    let origin: ScriptedReply | undefined;
    await using stand = await edgeStand(
      site({
        '/': `<p>${include('/slow')}2`,
        '/slow': async (reply) => {
          origin = reply;
          reply.head(200, fields);
          await reply.write('first');
        },
      }),
    );
    const page = stand.ask('/');
    await eventually(() => assert.equal(page.received, '<p>first'));
    await origin?.write(' next');
    await eventually(() => assert.equal(page.received, '<p>first next'));
    origin?.end();
    assert.equal((await page.whole()).body, '<p>first next2');
  });
}

for (const [name, path, policy] of [
  ['fragments that are not stored', '/', {}],
  ['a page that passes by', '/large', { receive: () => ({ do: 'pass' }) as const }],
] as const) {
  test(`a client that takes nothing holds back ${name}`, () => heldBack(path, policy));
}

async function heldBack(path: string, policy: Policy): Promise<void> {
  const chunk = Buffer.from('<p>x</p>'.repeat(8 * 1024));
  let sent = 0;
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/large')}2`,
      '/large': async (reply) => {
        reply.head(200, ['Cache-Control', 'no-store', 'Surrogate-Control', 'content="ESI/1.0"']);
        for (; sent < 400 && !reply.isAbandoned; sent++) await reply.write(chunk);
        reply.end();
      },
    }),
    { policy },
  );
  const page = stand.ask(path);
  await page.pause();
  let before = -1;
  await eventually(() => {
    const isStill = before === sent;
    before = sent;
    assert.ok(isStill && sent > 0);
  });
  assert.ok(sent < 400, `${sent}`);
  await page.resume();
  assert.equal((await page.whole()).bytes.length, 400 * chunk.length + (path === '/' ? 4 : 0));
}

test('[case 48] pages that wait for one fragment share one fetch of it', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(
    site({
      '/a': `<p>a${include('/f')}`,
      '/b': `<p>b${include('/f')}`,
      '/f': async (reply) => {
        await open.promise;
        reply.send(200, fresh, '[f]');
      },
    }),
  );
  const pages = [stand.ask('/a'), stand.ask('/b'), stand.ask('/f')];
  await eventually(() => assert.deepEqual(targets(stand).toSorted(), ['/a', '/b', '/f']));
  await eventually(() => assert.deepEqual([pages[0]?.received, pages[1]?.received], ['<p>a', '<p>b']));
  open.resolve();
  assert.deepEqual(await Promise.all(pages.map(async (page) => (await page.whole()).body)), [
    '<p>a[f]',
    '<p>b[f]',
    '[f]',
  ]);
  assert.equal(stand.origin.requests.length, 3);
});

test('clients that wait for one page share one fetch of it, and each gets its fragments', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(
    site({
      '/': async (reply) => {
        await open.promise;
        reply.send(200, esi, `<p>${include('/f')}`);
      },
      '/f': fragment('[f]'),
    }),
  );
  const pages = [stand.ask('/'), stand.ask('/'), stand.ask('/')];
  await stand.begun(3);
  open.resolve();
  const bodies = await Promise.all(pages.map(async (page) => (await page.whole()).body));
  assert.deepEqual(bodies, ['<p>[f]', '<p>[f]', '<p>[f]']);
  assert.deepEqual(targets(stand), ['/', '/f']);
});
