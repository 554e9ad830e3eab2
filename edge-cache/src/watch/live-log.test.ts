import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, numbered } from '../testing/stand.ts';
import { MOST_LISTENERS } from './live-log.ts';

/** Listens, and keeps what it hears. */
async function listening(url: string) {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const request = get(url, { agent: false }, resolve);
  const response = await promise;
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const over = Promise.withResolvers<void>();
  response.on('error', () => undefined).on('close', () => over.resolve());
  const data = (kind: string | undefined) =>
    text
      .split('\n\n')
      .filter((block) => (kind === undefined ? block.startsWith('data: ') : block.startsWith(`event: ${kind}\n`)))
      .map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)) as Record<string, unknown>);
  return {
    response,
    over: over.promise,
    text: () => text,
    events: () => data(undefined),
    of: data,
    [Symbol.dispose]: () => void request.destroy(),
  };
}

const open = () =>
  edgeStand(
    numbered((_, target) => ({ status: target === '/bad' ? 503 : 200, fields: ['Cache-Control', 'max-age=60'] })),
  );

test('GET /log tells of each exchange as it finishes: what it was, what became of it, and why', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  using log = await listening(`${admin.url}/log`);
  assert.equal(log.response.headers['content-type'], 'text/event-stream; charset=utf-8');
  await stand.get('/a?b', { 'user-agent': 'me' });
  await stand.get('/a?b');
  const [miss, hit] = await eventually(() => {
    assert.equal(log.events().length, 2);
    return log.events();
  });
  assert.partialDeepStrictEqual(miss, {
    time: new Date(stand.clock.now).toISOString(),
    method: 'GET',
    host: `127.0.0.1:${stand.port}`,
    url: '/a?b',
    status: 200,
    cache: 'miss',
    fwd: 'uri-miss',
    trail: ['receive', 'lookup', 'fetch', 'deliver'],
    client: '127.0.0.1',
    region: 'test',
    outcome: 'done',
    agent: 'me',
  });
  assert.partialDeepStrictEqual(hit, { cache: 'hit', ttl: 60, trail: ['receive', 'lookup', 'deliver'] });
  for (const number of ['bytes', 'ms', 'ttfb']) assert.equal(typeof hit?.[number], 'number', number);
  assert.ok(Number(hit?.ttfb) <= Number(hit?.ms));
});

test('a filter lets through what it matches, and a limit ends it', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  const filter = 'status >= 500 or (cache == hit and url ~ ^/b)';
  using log = await listening(`${admin.url}/log?${new URLSearchParams({ filter, limit: '2' })}`);
  for (const path of ['/a', '/a', '/b', '/bad', '/b', '/b']) await stand.get(path);
  await log.over;
  assert.deepEqual(
    log.events().map(({ url, status, cache }) => [url, status, cache]),
    [
      ['/bad', 503, 'miss'],
      ['/b', 200, 'hit'],
    ],
  );
  assert.deepEqual(log.of('end'), [{ why: 'limit' }]);
  assert.equal(stand.edge.watch.log.listeners, 0);
});

test('what broke is told by its reason', async () => {
  await using stand = await edgeStand((_, reply) => reply.break());
  await using admin = await adminStand(stand);
  using log = await listening(`${admin.url}/log?filter=fault`);
  await stand.get('/a');
  await eventually(() => assert.partialDeepStrictEqual(log.events(), [{ status: 502, fault: 'reset-before-head' }]));
});

for (const [query, parameter, told] of [
  [{ filter: 'status >= 5 or' }, 'filter', /column 15: the name of a field/],
  [{ filter: '' }, 'filter', /column 1/],
  [{ limit: '0' }, 'limit', /"limit" must be/],
  [{ limit: 'all' }, 'limit', /"limit" must be/],
  [{ filters: 'x' }, 'filters', /no parameter "filters"/],
] as const) {
  test(`/log?${new URLSearchParams({ ...query })} is refused`, async () => {
    await using stand = await open();
    await using admin = await adminStand(stand);
    const { status, body } = await admin.json(`/log?${new URLSearchParams({ ...query })}`);
    assert.deepEqual([status, body.parameter], [400, parameter]);
    assert.match(body.error ?? '', told);
    assert.equal(stand.edge.watch.log.listeners, 0);
  });
}

test('one that does not read loses events and is told how many, while others get all of them', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  using slow = await listening(`${admin.url}/log`);
  using quick = await listening(`${admin.url}/log?filter=method==LAST`);
  slow.response.pause();
  const [record] = await eventually(async () => {
    await stand.get('/a');
    assert.ok(stand.records[0]);
    return stand.records;
  });
  assert.ok(record);
  const before = slow.events().length;
  // More than the sockets of a machine hold, so that the rest would have to be kept.
  const wide = { ...record, target: `/${'x'.repeat(8000)}` };
  const many = 5000;
  for (let i = 0; i < many; i += 1) stand.edge.watch.exchange(wide);
  slow.response.resume();
  await eventually(() => assert.ok(slow.events().length > before));
  const last = { ...record, method: 'LAST' };
  const dropped = await eventually(() => {
    stand.edge.watch.exchange(last);
    const [told] = slow.of('dropped');
    assert.ok(told);
    return Number(told.count);
  });
  const told = () => slow.events().filter(({ url }) => url === wide.target).length;
  await eventually(() => assert.equal(told() + dropped, many));
  assert.ok(dropped > many / 2, 'what was not read was not kept');
  await eventually(() => assert.ok(quick.events().length > 0));
  assert.deepEqual(quick.of('dropped'), []);
});

test('there are so many places and no more; one that leaves makes room', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  using stack = new DisposableStack();
  const first = stack.use(await listening(`${admin.url}/log`));
  for (let i = 1; i < MOST_LISTENERS; i += 1) stack.use(await listening(`${admin.url}/log`));
  const { status, body } = await admin.json('/log');
  assert.deepEqual([status, body], [503, { error: `all ${MOST_LISTENERS} places are taken` }]);
  first[Symbol.dispose]();
  await eventually(() => assert.equal(stand.edge.watch.log.listeners, MOST_LISTENERS - 1));
  stack.use(await listening(`${admin.url}/log`));
});

test('the log is for those who bear the token', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand, 'hush');
  assert.equal((await admin.json('/log')).status, 401);
  assert.equal(stand.edge.watch.log.listeners, 0);
  const left = new AbortController();
  const headers = { authorization: 'Bearer hush' };
  assert.equal((await fetch(`${admin.url}/log`, { headers, signal: left.signal })).status, 200);
  assert.equal(stand.edge.watch.log.listeners, 1);
  left.abort();
});

test('HEAD /log is answered and takes no place', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  const response = await fetch(`${admin.url}/log`, { method: 'HEAD' });
  assert.equal(response.status, 200);
  assert.equal(stand.edge.watch.log.listeners, 0);
});

test('when the edge drains, those who listen are told and let go, and nobody new is taken', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  using log = await listening(`${admin.url}/log`);
  stand.edge.watch.log.end('draining');
  await log.over;
  assert.deepEqual(log.of('end'), [{ why: 'draining' }]);
  assert.equal((await admin.json('/log')).status, 503);
});
