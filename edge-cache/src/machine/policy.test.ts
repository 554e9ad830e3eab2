import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import type { Policy } from '../define-policy.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const under = (policy: Policy, fields: readonly string[] = fresh) =>
  edgeStand(
    numbered(() => ({ fields })),
    { policy },
  );

test('receive decides first: pass, lookup, purge, synth', async () => {
  await using stand = await under({
    receive: ({ path, method }) => {
      if (path.startsWith('/admin/')) return { do: 'pass', why: 'admin pages' };
      if (path === '/teapot') return { do: 'synth', status: 418, why: 'short and stout' };
      return method === 'UNLINK' ? { do: 'purge' } : undefined;
    },
  });
  for (const n of [1, 2]) {
    const { body, cacheStatus } = await stand.get('/admin/x');
    assert.deepEqual([body, cacheStatus], [`answer ${n}`, 'edge-cache; fwd=bypass; detail="admin pages"']);
  }
  const teapot = await stand.get('/teapot', { accept: 'application/json' });
  assert.deepEqual([teapot.status, JSON.parse(teapot.body).reason], [418, 'short and stout']);
  await stand.get('/');
  assert.match((await stand.get('/')).cacheStatus, /hit/);
  assert.equal((await stand.send('UNLINK', '/')).body, '{"purged":1}\n');
});

test('query rules make the key, and what the origin is asked', async () => {
  await using stand = await under({ query: { remove: ['utm_*'], sort: true } });
  await stand.get('/?b=2&utm_source=x&a=1');
  assert.equal(stand.origin.requests[0]?.target, '/?a=1&b=2');
  assert.match((await stand.get('/?a=1&b=2&utm_medium=y')).cacheStatus, /hit/);
  const purged = await stand.send('PURGE', '/?utm_source=z&b=2&a=1');
  assert.equal(purged.body, '{"purged":1}\n');
});

test('only the cookies that are kept go on, and Vary: Cookie sees no others', async () => {
  await using stand = await under({ cookies: { keep: ['session', 'ab_*'] } }, [...fresh, 'Vary', 'Cookie']);
  await stand.get('/', { cookie: 'track=1; session=s; ab_x=2' });
  assert.equal(field(stand.origin.requests[0]?.fields ?? [], 'cookie'), 'session=s; ab_x=2');
  assert.match((await stand.get('/', { cookie: 'session=s; ab_x=2; track=9' })).cacheStatus, /hit/);
  assert.match((await stand.get('/', { cookie: 'track=2' })).cacheStatus, /fwd=vary-miss/);
  assert.equal(field(stand.origin.requests[1]?.fields ?? [], 'cookie'), undefined);
});

test('a key of its own brings requests together, and a purge by URL still finds them', async () => {
  await using stand = await under({ key: ({ header }) => `kind ${header('x-kind') ?? 'none'}` });
  await stand.get('/a', { 'x-kind': '1' });
  assert.match((await stand.get('/b', { 'x-kind': '1' })).cacheStatus, /hit/);
  assert.match((await stand.get('/a', { 'x-kind': '2' })).cacheStatus, /fwd=uri-miss/);
  assert.equal((await stand.send('PURGE', '/a')).body, '{"purged":2}\n');
});

test('fetch changes what the origin is asked, deliver what the client gets', async () => {
  await using stand = await under(
    {
      fetch: () => ({ set: { 'X-Edge': 'trivet' }, remove: ['accept-language'] }),
      deliver: (response) => ({ remove: ['server'], set: { 'X-Was': String(response.status) } }),
    },
    [...fresh, 'Server', 'secret/1.0'],
  );
  for (const path of ['/', '/', '/pass']) {
    const answer =
      path === '/pass' ? await stand.send('POST', path) : await stand.get(path, { 'accept-language': 'en' });
    assert.equal(answer.header('server'), undefined);
    assert.equal(answer.header('x-was'), '200');
  }
  for (const { fields } of stand.origin.requests) {
    assert.equal(field(fields, 'x-edge'), 'trivet');
    assert.equal(field(fields, 'accept-language'), undefined);
  }
});

test('admit gives lifetimes, keeps out, and tags', async () => {
  await using stand = await edgeStand(
    numbered((_, target) => ({ status: target === '/gone' ? 404 : 200, fields: target === '/not' ? fresh : [] })),
    {
      policy: {
        admit: (response, request) => {
          if (request.path === '/not') return { do: 'pass', why: 'not this one' };
          return response.status === 404 ? { ttl: '10s', why: 'short for not found' } : { ttl: '1m', tags: ['t'] };
        },
      },
    },
  );
  assert.equal((await stand.get('/not')).cacheStatus, 'edge-cache; fwd=uri-miss; detail="not this one"');
  await stand.get('/gone');
  assert.equal((await stand.get('/gone')).cacheStatus, 'edge-cache; hit; ttl=10');
  await stand.get('/');
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; hit; ttl=60');
  assert.equal([...stand.edge.store.tagged('t')].length, 1);
});

test('synth makes the pages of the edge’s own errors', async () => {
  await using stand = await edgeStand((_, reply) => reply.break(), {
    policy: { synth: (status) => ({ body: `<p>sorry, ${status}</p>`, headers: { 'X-Page': 'own' } }) },
  });
  const answer = await stand.get('/');
  assert.deepEqual([answer.status, answer.body, answer.header('x-page')], [502, '<p>sorry, 502</p>', 'own']);
  assert.match(answer.header('proxy-status') ?? '', /edge-cache/);
});

const boom = () => {
  throw new Error('boom');
};
const nonsense = (value: unknown) => (() => value) as never;

for (const [what, given, status] of [
  ['receive that throws', { receive: boom }, 503],
  ['receive that says nonsense', { receive: nonsense({ do: 'dance' }) }, 503],
  ['receive that promises', { receive: nonsense(Promise.resolve()) }, 503],
  ['key that throws', { key: boom }, 503],
  ['key that is empty', { key: () => '' }, 503],
  ['fetch that throws', { fetch: boom }, 503],
  ['receive that throws away Host', { receive: () => ({ remove: ['host'] }) }, 503],
  ['fetch that names no backend', { fetch: () => ({ backend: 'nowhere' }) }, 503],
  ['fetch that sets the framing', { fetch: () => ({ set: { 'Content-Length': '5' } }) }, 503],
  ['admit that throws', { admit: boom }, 503],
  ['admit with a bad duration', { admit: nonsense({ ttl: 'soon' }) }, 503],
  ['deliver that throws', { deliver: boom }, 503],
  ['deliver that splits the head', { deliver: () => ({ set: { 'X-A': 'b\r\nX-Evil: 1' } }) }, 503],
  ['synth that throws', { receive: () => ({ do: 'synth', status: 404 }), synth: boom }, 404],
] as const satisfies readonly (readonly [string, Policy, number])[]) {
  test(`a hook ${what} costs its request a ${status}, and the edge lives`, async () => {
    let isBad = true;
    const moody = Object.entries(given).map(([name, hook]) => {
      const ask = hook as (...args: readonly unknown[]) => unknown;
      return [name, (...args: readonly unknown[]) => (isBad ? ask(...args) : undefined)] as const;
    });
    const policy: Policy = Object.fromEntries(moody);
    await using stand = await edgeStand(
      numbered(() => ({ fields: fresh })),
      { policy },
    );
    const bad = await stand.get('/');
    assert.equal(bad.status, status);
    if (status === 503) assert.match(bad.body, /policy/);
    isBad = false;
    assert.equal((await stand.get('/')).status, 200);
    assert.equal(stand.edge.flights.size, 0);
    assert.equal(stand.edge.store.stats().reservedBytes, 0);
  });
}
