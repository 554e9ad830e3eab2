import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAdmin } from '@trivet/kit/testing/test-admin.ts';
import { banRoutes } from './ban-routes.ts';
import { ManualPace } from './testing/ban.ts';
import { edgeStand, numbered, type StandOptions } from './testing/stand.ts';

async function open(options: StandOptions = {}) {
  await using building = new AsyncDisposableStack();
  const script = numbered((_, target) => ({ fields: ['Cache-Control', 'max-age=60', 'X-Path', target] }));
  const stand = building.use(await edgeStand(script, options));
  const pace = new ManualPace();
  building.use(stand.edge.lurker.start(pace));
  const admin = building.use(await testAdmin({ routes: (app) => banRoutes(app, stand.edge) }));
  const json = async (path: string, init?: RequestInit) => {
    const response = await fetch(admin.url + path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const whole = building.move();
  return {
    stand,
    pace,
    ban: (body: unknown) => json('/ban', { method: 'POST', body: JSON.stringify(body) }),
    bans: async () => (await json('/bans')).body,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

test('POST /ban puts a ban in force, GET /bans tells what becomes of it', async () => {
  await using admin = await open();
  const { stand, pace } = admin;
  for (const path of ['/a', '/b', '/c']) await stand.get(path);
  assert.deepEqual(await admin.bans(), []);
  assert.deepEqual(await admin.ban({ expression: 'req.url  ~ "^/[ab]"' }), {
    status: 200,
    body: { banned: true, id: 1, expression: 'req.url ~ ^/[ab]', superseded: false, inForce: 1 },
  });
  const listed = {
    id: 1,
    expression: 'req.url ~ ^/[ab]',
    added: new Date(stand.clock.now).toISOString(),
    needsRequest: false,
  };
  const inForce = { completed: false, ended: null };
  assert.deepEqual(await admin.bans(), [{ ...listed, tested: 0, taken: 0, untested: 3, ...inForce }]);
  assert.match((await stand.get('/a')).cacheStatus, /fwd=uri-miss/);
  assert.match((await stand.get('/c')).cacheStatus, /hit/);
  assert.deepEqual(await admin.bans(), [{ ...listed, tested: 2, taken: 1, untested: 1, ...inForce }]);
  pace.goOn();
  const done = { tested: 3, taken: 2, untested: 0, completed: true, ended: 'tested' };
  assert.deepEqual(await admin.bans(), [{ ...listed, ...done }]);
  assert.match((await stand.get('/b')).cacheStatus, /fwd=uri-miss/);
});

test('the same ban again says that it covers the one before', async () => {
  await using admin = await open();
  await admin.ban({ expression: 'obj.http.x-path == /a' });
  const { body } = await admin.ban({ expression: 'obj.http.X-Path == "/a"' });
  assert.deepEqual(body, {
    banned: true,
    id: 2,
    expression: 'obj.http.x-path == /a',
    superseded: true,
    inForce: 1,
  });
  assert.partialDeepStrictEqual(await admin.bans(), [
    { id: 2, completed: false },
    { id: 1, completed: true, ended: 'superseded' },
  ]);
});

test('a dry run only counts', async () => {
  await using admin = await open();
  const { stand } = admin;
  for (const path of ['/a', '/b', '/c']) await stand.get(path);
  assert.deepEqual(await admin.ban({ expression: 'obj.http.x-path ~ [ab]', dryRun: true }), {
    status: 200,
    body: { dryRun: true, expression: 'obj.http.x-path ~ [ab]', matching: 2, dependingOnRequest: 0 },
  });
  assert.partialDeepStrictEqual(await admin.ban({ expression: 'req.http.x == 1 && req.url != /a', dryRun: true }), {
    body: { matching: 0, dependingOnRequest: 2 },
  });
  assert.deepEqual([await admin.bans(), stand.edge.store.stats().entries], [[], 3]);
});

test('beyond the limit a ban is refused with 503', async () => {
  await using admin = await open({ bansMax: 1 });
  await admin.ban({ expression: 'req.url == /a' });
  const { status, body } = await admin.ban({ expression: 'req.url == /b' });
  assert.equal(status, 503);
  assert.match(String(body.error), /EDGE_BANS_MAX/);
});

for (const [given, expected] of [
  [{ expression: 'req.url = /a' }, { line: 1, column: 9 }],
  [{ expression: 'req.url == /a\n&& obj.sta == 1' }, { line: 2, column: 4 }],
  [{ expression: 'req.url ~ "a(b"' }, { line: 1 }],
  [{ expression: '' }, { line: 1, column: 1 }],
  [{ expression: 7 }, {}],
  [{}, {}],
  [{ expression: 'req.url == /a', soft: true }, {}],
  [{ expression: 'req.url == /a', dryRun: 'yes' }, {}],
  [['req.url == /a'], {}],
] as const) {
  test(`[case 41] POST /ban refuses ${JSON.stringify(given)}`, async () => {
    await using admin = await open();
    const { status, body } = await admin.ban(given);
    assert.equal(status, 400);
    assert.partialDeepStrictEqual(body, expected);
    assert.equal(String(body.error).startsWith('line '), 'line' in expected);
    assert.deepEqual(await admin.bans(), []);
  });
}
