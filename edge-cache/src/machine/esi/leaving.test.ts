import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { fragment, include, site } from '../../testing/esi-site.ts';
import { edgeStand } from '../../testing/stand.ts';

test('a client that leaves in the middle of a page ends what was fetched for it alone', async () => {
  const open: ScriptedReply[] = [];
  const wait = (reply: ScriptedReply) => void open.push(reply);
  await using stand = await edgeStand(
    site({
      '/': `<p>1${include('/begun')}${include('/silent')}${include('/nested')}2`,
      '/begun': async (reply) => {
        open.push(reply);
        reply.head(200, ['Cache-Control', 'no-store']);
        await reply.write('begun');
      },
      '/silent': wait,
      '/nested': `<i>${include('/deep')}</i>`,
      '/deep': wait,
    }),
    { policy: { receive: ({ path }) => (path === '/silent' || path === '/deep' ? { do: 'pass' } : undefined) } },
  );
  const page = stand.ask('/');
  await eventually(() => assert.equal(page.received, '<p>1begun'));
  await eventually(() => assert.equal(open.length, 3));
  page.leave();
  await Promise.all(open.map(({ closed }) => closed));
  assert.ok(open.every(({ isAbandoned }) => isAbandoned));
  await eventually(() => assert.equal(stand.records.length, 1));
  assert.equal(stand.records[0]?.outcome, 'client-left');
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
  assert.equal(stand.edge.counters.fragmentFailures, 0);
});

test('a page that breaks off ends what else was fetched for it', async () => {
  const open: ScriptedReply[] = [];
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/404')}${include('/silent')}`,
      '/silent': (reply) => void open.push(reply),
      '/404': async (reply) => {
        await eventually(() => assert.equal(open.length, 1));
        reply.send(404);
      },
    }),
    { policy: { receive: ({ path }) => (path === '/silent' ? { do: 'pass' } : undefined) } },
  );
  assert.equal(await stand.ask('/').outcome, 'broken');
  await open[0]?.closed;
  assert.equal(open[0]?.isAbandoned, true);
});

test('stored fragments stay where they are until the page is sent, though they are purged', async () => {
  const body = Buffer.alloc(2_000_000, 'f');
  await using stand = await edgeStand(
    site({ '/': `<p>${include('/f')}${include('/g')}2`, '/f': fragment(body), '/g': fragment(body) }),
  );
  await stand.get('/');
  const page = stand.ask('/');
  await page.pause();
  await stand.send('PURGE', '/f');
  await stand.send('PURGE', '/g');
  await stand.send('PURGE', '/');
  await page.resume();
  const { bytes } = await page.whole();
  assert.ok(bytes.equals(Buffer.concat([Buffer.from('<p>'), body, body, Buffer.from('2')])));
  await eventually(() => assert.equal(stand.edge.store.stats().reservedBytes, 0));
  assert.deepEqual(
    stand.origin.requests.map(({ target }) => target),
    ['/', '/f', '/g'],
  );
});

test('clients that leave at any moment leave nothing behind', async () => {
  const body = Buffer.alloc(300_000, 'x');
  let n = 0;
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/a')}${include('/b')}${include('/c', 'onerror="continue"')}${include('/d')}</p>`,
      '/a': fragment(body),
      '/b': (reply) => reply.send(200, ['Cache-Control', 'no-store'], body),
      '/c': (reply) => (++n % 2 === 0 ? reply.break() : reply.send(200, ['Cache-Control', 'max-age=0'], 'c')),
      '/d': `<i>${include('/a')}${include('/b')}${include('/404', 'onerror="continue"')}</i>`,
    }),
  );
  for (let bytes = 0; bytes <= 1_200_000; bytes += 50_000) {
    const page = stand.ask('/');
    await eventually(() => assert.ok(page.receivedBytes >= bytes));
    page.leave();
    if (bytes % 200_000 === 0) await stand.send('PURGE', '/a');
  }
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
  await eventually(() => assert.equal(stand.edge.store.stats().reservedBytes, 0));
  const { body: page } = await stand.get('/');
  assert.equal(page.replaceAll('x', '').replace('c', ''), '<p><i></i></p>');
  assert.ok(page.length > 1_200_000);
});
