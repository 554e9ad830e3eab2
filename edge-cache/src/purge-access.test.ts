import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { adminStand } from './testing/admin-stand.ts';
import { edgeStand, numbered, type StandOptions } from './testing/stand.ts';

async function logged(options: StandOptions) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  const stand = await edgeStand(
    numbered(() => ({ fields: ['Cache-Control', 'max-age=60'] })),
    { log, ...options },
  );
  return { stand, lines, [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose]() };
}

const json = { headers: { accept: 'application/json' } };

test('PURGE from an address that may not is logged with it, one line for many attempts, and counted', async () => {
  await using made = await logged({ purgeFrom: () => false });
  for (let i = 0; i < 3; i += 1) assert.equal((await made.stand.send('PURGE', '/a?b')).status, 403);
  assert.equal(made.lines.length, 1);
  assert.partialDeepStrictEqual(made.lines[0], { level: 40, client: '127.0.0.1', target: '/a?b' });
  assert.match(String(made.lines[0]?.msg), /not in EDGE_PURGE_FROM/);
  assert.equal(made.stand.edge.counters.purgesDenied, 3);
});

test('beyond the rate PURGE is told to come again, and gets through when it does', async () => {
  await using made = await logged({ purgeRate: 2 });
  const { stand, lines } = made;
  for (let i = 0; i < 2; i += 1) assert.equal((await stand.send('PURGE', '/')).status, 200);
  await stand.get('/');
  const late = await stand.send('PURGE', '/', json);
  assert.deepEqual([late.status, late.header('retry-after')], [429, '1']);
  assert.partialDeepStrictEqual(JSON.parse(late.body), { tier: 'edge-cache', reason: 'too-many-purges' });
  assert.match((await stand.get('/')).cacheStatus, /hit/, 'what was refused was not done');
  assert.partialDeepStrictEqual(lines, [{ level: 40, client: '127.0.0.1', ratePerSecond: 2, msg: 'too many purges' }]);
  assert.equal(stand.edge.counters.purgesDelayed, 1);
  stand.clock.advance(500);
  assert.deepEqual(JSON.parse((await stand.send('PURGE', '/')).body), { purged: 1 });
});

test('purges and bans of the admin port come out of the same measure', async () => {
  await using made = await logged({ purgeRate: 1 });
  await using admin = await adminStand(made.stand);
  assert.equal((await made.stand.send('PURGE', '/')).status, 200);
  for (const path of ['/purge', '/ban']) {
    const { status, body, headers } = await admin.json(path, { method: 'POST', body: '{"all": true}' });
    assert.deepEqual([status, headers.get('retry-after')], [429, '1'], path);
    assert.deepEqual(body, { error: 'too many purges: the next one passes in 1000ms' });
  }
  made.stand.clock.advance(1000);
  assert.equal((await admin.purge([{ all: true }, { all: true }, { all: true }])).status, 200, 'a batch is one');
});

test('a rate of 0 lets any number through', async () => {
  await using made = await logged({ purgeRate: 0 });
  for (let i = 0; i < 50; i += 1) assert.equal((await made.stand.send('PURGE', '/')).status, 200);
});

const askers = [
  ['who may purge and asks for it', '127.0.0.1', 'cache-key', true],
  ['who asks for it among others', '127.0.0.1', 'x, Cache-Key', true],
  ['who may purge and does not ask', '127.0.0.1', 'x', false],
  ['who asks and may not purge', '10.0.0.1', 'cache-key', false],
] as const;
for (const [who, from, debug, isTold] of askers) {
  test(`Cache-Status tells the key to one ${who}: ${isTold}`, async () => {
    await using made = await logged({ purgeFrom: (address) => address === from });
    const headers = { host: 'h', 'x-debug': debug };
    const told = (await made.stand.get('/a?"b"\\', headers)).cacheStatus;
    const key = isTold ? '; key="h/a?\\"b\\"\\\\"' : '';
    assert.equal(told, `edge-cache; fwd=uri-miss; stored${key}`);
    const hit = (await made.stand.get('/a?"b"\\', headers)).cacheStatus;
    assert.equal(hit, `edge-cache; hit; ttl=60${key}`);
  });
}
