import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { HashBy } from '../backend-plan.ts';
import type { RoutedOutbound } from '../backends.ts';
import type { Policy, RequestView } from '../define-policy.ts';
import { Rules } from '../rules.ts';
import { edgeStand, numbered } from '../testing/stand.ts';
import { fetchOutbound } from './outbound.ts';
import { Question } from './question.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const under = (policy: Policy, fields: readonly string[] = fresh) =>
  edgeStand(
    numbered(() => ({ fields })),
    { policy },
  );

test('receive sets and removes fields for the key, Vary, the other hooks and the origin', async () => {
  await using stand = await under(
    {
      receive: ({ header }) => ({
        set: { 'x-device': header('user-agent')?.includes('Mobi') ? 'phone' : 'desktop' },
        remove: ['x-noise'],
      }),
      key: ({ host, path, header }) => `${host}${path} ${header('x-noise') ?? 'quiet'}`,
      deliver: (_, { header }) => ({ set: { 'X-Shown': header('x-device') ?? '' } }),
    },
    [...fresh, 'Vary', 'X-Device'],
  );
  const first = await stand.get('/', { 'user-agent': 'A Mobi 1', 'x-noise': 'a', 'x-device': 'forged' });
  assert.equal(first.header('x-shown'), 'phone');
  assert.match((await stand.get('/', { 'user-agent': 'B Mobi 2', 'x-noise': 'b' })).cacheStatus, /hit/);
  assert.match((await stand.get('/', { 'user-agent': 'C' })).cacheStatus, /fwd=vary-miss/);
  const { fields = [] } = stand.origin.requests[0] ?? {};
  assert.deepEqual([field(fields, 'x-device'), field(fields, 'x-noise')], ['phone', undefined]);
  await stand.send('POST', '/', { headers: { 'x-noise': 'a' } });
  assert.equal(field(stand.origin.requests.at(-1)?.fields ?? [], 'x-noise'), undefined);
});

test('what receive takes from a request is not answered to either', async () => {
  await using stand = await under({ receive: () => ({ remove: ['range', 'if-none-match'] }) }, [
    ...fresh,
    'ETag',
    '"a"',
  ]);
  for (const _ of ['miss', 'hit']) {
    assert.equal((await stand.get('/', { range: 'bytes=0-1' })).status, 200);
    assert.equal((await stand.get('/', { 'if-none-match': '"a"' })).status, 200);
  }
});

test('receive redirects, and answers with a body of its own', async () => {
  await using stand = await under({
    receive: ({ path }) =>
      path === '/old'
        ? { do: 'synth', status: 308, why: 'moved', headers: { Location: '/new' } }
        : { do: 'synth', status: 200, body: '{"ok":true}', headers: { 'Content-Type': 'application/json' } },
    synth: (status) => (status === 200 ? { body: 'never this' } : undefined),
  });
  const moved = await stand.get('/old');
  assert.deepEqual([moved.status, moved.header('location')], [308, '/new']);
  assert.match(moved.body, /moved/);
  const own = await stand.get('/x');
  assert.deepEqual(
    [own.body, own.header('content-type'), own.header('content-length')],
    ['{"ok":true}', 'application/json', '11'],
  );
  assert.equal(stand.origin.requests.length, 0);
});

test('fetch chooses the backend, for the cache and for what passes by', async () => {
  await using images = await scriptedOrigin((request, reply) => reply.send(200, fresh, `image ${request.method}`));
  await using stand = await under({
    fetch: ({ path }) => (path.startsWith('/images/') ? { backend: 'images', set: { 'X-A': '1' } } : undefined),
    backends: { images: { addresses: [images.url] } },
  });
  assert.equal((await stand.get('/images/a')).body, 'image GET');
  assert.equal((await stand.send('POST', '/images/a', { body: 'x' })).body, 'image POST');
  assert.equal((await stand.get('/a')).body, 'answer 1');
  assert.deepEqual([images.requests.length, stand.origin.requests.length], [2, 1]);
  assert.equal(field(images.requests[0]?.fields ?? [], 'x-a'), '1');
});

test('what requests are spread by is told to the backend whose balance is hash', async () => {
  const outbound: RoutedOutbound[] = [];
  const rules = (hashBy: HashBy): Policy => ({
    fetch: ({ path }) => (path === '/plain' ? undefined : { backend: 'b' }),
    backends: { b: { balance: 'hash', hashBy } },
    query: { preset: 'tracking' },
  });
  for (const hashBy of ['url', 'client', ({ header }: RequestView) => header('x-user') ?? ''] as const) {
    const { request } = asQuestions(rules(hashBy));
    outbound.push(...['/a?utm_source=x', '/plain'].map((path) => request(path, ['X-User', 'u'])));
  }
  assert.deepEqual(
    outbound.map(({ backend, hashKey }) => [backend, hashKey]),
    [
      ['b', 'example.com/a'],
      [undefined, undefined],
      ['b', '192.0.2.1'],
      [undefined, undefined],
      ['b', 'u'],
      [undefined, undefined],
    ],
  );
});

function asQuestions(policy: Policy) {
  const rules = new Rules(policy);
  const peer = { address: '192.0.2.1', port: 0, trusted: false };
  const about = {
    id: 'x',
    method: 'GET',
    host: 'example.com',
    scheme: 'http',
    version: '1.1',
    client: peer.address,
  } as const;
  return {
    request: (target: string, fields: readonly string[]) => {
      const none = { body: undefined, bodyLength: undefined, receivedAt: 0 };
      return fetchOutbound(new Question({ ...about, ...none, peer, target, fields }, rules, true), [], 'GET');
    },
  };
}

test('hashBy that throws costs its request a 503', async () => {
  await using stand = await under({
    backends: {
      default: {
        balance: 'hash',
        hashBy: () => {
          throw new Error('boom');
        },
      },
    },
  });
  assert.equal((await stand.get('/')).status, 503);
  assert.equal(stand.edge.flights.size, 0);
});
