import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { Policy } from '../define-policy.ts';
import { edgeStand, numbered, type StandOptions } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];

/** A policy whose hooks leave their mark on all that goes by it. */
const marked = (mark: string): Policy => ({
  fetch: () => ({ set: { 'X-Policy': mark } }),
  admit: () => ({ ttl: mark === 'old' ? '10s' : '20s', tags: [mark] }),
  deliver: () => ({ set: { 'X-Policy': mark } }),
});

/** An edge whose origin answers when it is told to. */
async function held(options: StandOptions = {}) {
  const replies: ScriptedReply[] = [];
  const stand = await edgeStand((_, reply) => void replies.push(reply), { policy: marked('old'), ...options });
  const arrived = (n: number) => eventually(() => assert.equal(replies.length, n));
  return { stand, replies, arrived, [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose]() };
}

test('[case 71] a request under way keeps the rules it began with, its fetch included; the next one has the new', async () => {
  await using h = await held();
  const asked = h.stand.ask('/a');
  await h.arrived(1);
  h.stand.adopt(marked('new'));
  h.replies[0]?.send(200, fresh, 'a');
  assert.equal((await asked.whole()).header('x-policy'), 'old');
  assert.equal([...h.stand.edge.store.tagged('old')].length, 1);
  const next = await h.stand.get('/a');
  assert.equal(next.cacheStatus, 'edge-cache; hit; ttl=10');
  assert.equal(next.header('x-policy'), 'new');
  const other = h.stand.ask('/b');
  await h.arrived(2);
  assert.equal(field(h.stand.origin.requests[1]?.fields ?? [], 'x-policy'), 'new');
  h.replies[1]?.send(200, fresh, 'b');
  assert.equal((await other.whole()).header('x-policy'), 'new');
  assert.equal([...h.stand.edge.store.tagged('new')].length, 1);
});

test('one that shares a fetch of before is shown by its own rules what was admitted by those of the fetch', async () => {
  await using h = await held();
  const first = h.stand.ask('/');
  await h.arrived(1);
  h.stand.adopt(marked('new'));
  const second = h.stand.ask('/');
  await h.stand.begun(2);
  h.replies[0]?.send(200, fresh, 'one');
  assert.equal((await first.whole()).header('x-policy'), 'old');
  const shared = await second.whole();
  assert.deepEqual([shared.header('x-policy'), shared.body], ['new', 'one']);
  assert.match(shared.cacheStatus, /collapsed/);
  assert.equal(h.stand.origin.requests.length, 1);
});

test('what passes by at the time of a reload is finished by the old rules', async () => {
  await using h = await held();
  const asked = h.stand.ask('/', { method: 'POST', body: 'x' });
  await h.arrived(1);
  h.stand.adopt(marked('new'));
  h.replies[0]?.send(200, [], 'ok');
  assert.equal((await asked.whole()).header('x-policy'), 'old');
});

test('[case 71] the store, what is known to be uncacheable, and connections survive a reload', async () => {
  await using stand = await edgeStand(
    numbered((_, target) => ({ fields: target === '/private' ? ['Cache-Control', 'private'] : fresh })),
    { policy: { backends: { default: { maxConnections: 1 } } } },
  );
  await stand.get('/a');
  await stand.get('/private');
  const before = stand.origin.connections;
  stand.adopt({ backends: { default: { maxConnections: 1 } }, deliver: () => ({ set: { 'X-New': '1' } }) });
  assert.match((await stand.get('/a')).cacheStatus, /hit/);
  assert.equal(stand.edge.uncacheable.size, 1);
  await stand.get('/b');
  assert.deepEqual([before, stand.origin.connections], [1, 1]);
});

test('under new query rules or keys, what is stored under the old ones is not found, and a purge still takes it', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  await stand.get('/?utm_source=x');
  stand.adopt({ query: { preset: 'tracking' }, key: ({ host, path, query }) => `v2 ${host}${path}?${query ?? ''}` });
  assert.match((await stand.get('/?utm_source=x')).cacheStatus, /fwd=uri-miss/);
  assert.match((await stand.get('/?utm_source=y')).cacheStatus, /fwd=uri-miss/);
  assert.equal(stand.edge.store.stats().entries, 3);
  stand.adopt({});
  assert.match((await stand.get('/?utm_source=x')).cacheStatus, /hit/);
});

test('[case 71] a purge by URL takes what is stored under the keys of an older policy, so that going back brings nothing back', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  const own: Policy = { key: ({ path }) => `own ${path}` };
  stand.adopt(own);
  await stand.get('/a');
  stand.adopt({});
  stand.adopt({ deliver: () => undefined });
  assert.equal((await stand.send('PURGE', '/a')).body, '{"purged":1}\n');
  stand.adopt(own);
  assert.match((await stand.get('/a')).cacheStatus, /fwd=uri-miss/);
});

test('[case 70] [case 71] a backend that the new policy lacks goes when the last request that began before is over', async () => {
  const replies: ScriptedReply[] = [];
  await using images = await scriptedOrigin((_, reply) => void replies.push(reply));
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    {
      policy: {
        fetch: ({ path }) => (path.startsWith('/images/') ? { backend: 'images' } : undefined),
        backends: { images: { addresses: [images.url] } },
      },
    },
  );
  const asked = stand.ask('/images/a');
  await eventually(() => assert.equal(replies.length, 1));
  stand.adopt({});
  assert.partialDeepStrictEqual(stand.backends.stats(), { leaving: [{ name: 'images', requests: 1 }] });
  assert.equal((await stand.get('/images/b')).body, 'answer 1');
  replies[0]?.send(200, fresh, 'an image');
  assert.equal((await asked.whole()).body, 'an image');
  await eventually(() => assert.equal('leaving' in stand.backends.stats(), false));
});

test('[case 71] an old policy is free to go once the last request that goes by it is over', async () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  await using h = await held();
  const old = new WeakRef(h.stand.edge.rules);
  const isGone = async () => {
    // What a turn of the loop holds weakly read is alive until that turn ends.
    await new Promise((done) => setImmediate(done));
    collect();
    return old.deref() === undefined;
  };
  const asked = h.stand.ask('/');
  await h.arrived(1);
  h.stand.adopt(marked('new'));
  assert.equal(await isGone(), false);
  h.replies[0]?.send(200, fresh, 'a');
  await asked.whole();
  await eventually(async () => assert.ok(await isGone()));
});

test('[case 71] a hundred reloads under load fail no request, and mix no two policies', async () => {
  await using stand = await edgeStand(
    (request, reply) => {
      const mark = field(request.fields, 'x-policy') ?? '';
      reply.send(
        200,
        [...(request.target.startsWith('/c') ? fresh : ['Cache-Control', 'no-store']), 'X-By', mark],
        mark,
      );
    },
    { policy: marked('0') },
  );
  const policyOf = (mark: string): Policy => ({
    receive: () => ({ set: { 'x-begun': mark } }),
    fetch: ({ header }) => {
      assert.equal(header('x-begun'), mark);
      return { set: { 'X-Policy': mark }, backend: `b${mark}` };
    },
    deliver: (_, { header }) => ({ set: { 'X-Policy': mark, 'X-Begun': header('x-begun') ?? '' } }),
    backends: { [`b${mark}`]: {} },
  });
  let reloads = 0;
  stand.adopt(policyOf('0'));
  const client = async (n: number) => {
    for (let i = 0; reloads < 100; i++) {
      const answer = await stand.get(i % 2 === 0 ? `/c${i}` : `/p${n}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.header('x-policy'), answer.header('x-begun'));
      if (i % 2 === 1) assert.equal(answer.body, answer.header('x-policy'));
    }
  };
  const clients = Array.from({ length: 16 }, (_, n) => client(n));
  while (reloads < 100) {
    await stand.get('/between');
    reloads += 1;
    stand.adopt(policyOf(String(reloads % 7)));
  }
  await Promise.all(clients);
  await eventually(() => assert.equal('leaving' in stand.backends.stats(), false));
});
