import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testAdmin } from '@trivet/kit/testing/test-admin.ts';
import { settings } from '../settings.ts';
import { LivePolicy, putInForce } from './live-policy.ts';
import { policyRoutes } from './policy-routes.ts';
import { edgeStand } from './testing/stand.ts';

const said = (text: string) =>
  `import { definePolicy } from '@trivet/edge-cache';\nexport default definePolicy({\n  deliver: () => ({ set: { 'X-Said': '${text}' } }),\n});\n`;

/** An edge whose policy is a file, and its admin API. */
async function opened(source: string) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-live-policy-')));
  const write = (text: string) => writeFile(join(folder.path, 'policy.ts'), text);
  await write(source);
  const gate = Promise.withResolvers<void>();
  const script: Script = async ({ target }, reply) => {
    if (target === '/slow') await gate.promise;
    reply.send(200, ['Cache-Control', 'max-age=60'], 'x');
  };
  const stand = building.use(await edgeStand(script));
  const config = load(settings, { EDGE_POLICY: 'policy.ts', EDGE_ORIGIN: stand.origin.url });
  const policy = await LivePolicy.open(config, { base: folder.path, log: silentLog, clock: stand.clock.read });
  putInForce(policy.value, stand.edge, stand.backends);
  building.use(policy.follow(stand.edge, stand.backends, false));
  const admin = building.use(await testAdmin({ routes: (app) => policyRoutes(app, policy) }));
  const json = async (path: string, method = 'GET') => {
    const response = await fetch(admin.url + path, { method });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const moved = building.move();
  return {
    stand,
    gate,
    write,
    path: join(folder.path, 'policy.ts'),
    reload: () => json('/policy/reload', 'POST'),
    state: async () => (await json('/policy')).body,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

test('POST /policy/reload puts the file as it is now in force, and GET /policy says what that is', async () => {
  await using o = await opened(said('one'));
  assert.partialDeepStrictEqual(await o.state(), {
    version: 1,
    loadedAt: '2026-01-01T00:00:00.000Z',
    file: o.path,
    files: [o.path],
    lastError: null,
    requests: 0,
    older: [],
  });
  const { sha256 } = await o.state();
  assert.match(String(sha256), /^[0-9a-f]{64}$/);
  await o.write(said('two'));
  o.stand.clock.advance(1000);
  assert.deepEqual(await o.reload(), { status: 200, body: { reloaded: true, version: 2 } });
  assert.equal((await o.stand.get('/')).header('x-said'), 'two');
  const after = await o.state();
  assert.deepEqual([after.version, after.loadedAt], [2, '2026-01-01T00:00:01.000Z']);
  assert.notEqual(after.sha256, sha256);
});

for (const [what, source, error] of [
  ['does not parse', 'export default {\n  receive: ],\n};', /^EDGE_POLICY: \S+policy\.ts:2 does not load: SyntaxError/],
  ['throws', '\nthrow new Error("boom");', /policy\.ts:2 does not load: Error: boom$/],
  ['has no default', 'export const a = 1;', /policy\.ts has no export "default" \(it exports a\)$/],
  [
    'has an unknown hook',
    'export default {\n  recieve: 1,\n};',
    /policy\.ts:2: recieve is nothing that a policy knows/,
  ],
  [
    'has a hook that is data',
    'export default {\n\n  admit: {},\n};',
    /policy\.ts:3: admit is an object, not a function$/,
  ],
  [
    'has a wrong query rule',
    'export default {\n  query: { keep: 5 },\n};',
    /policy\.ts:2: query\.keep is 5, not a list/,
  ],
  [
    'has an unknown preset',
    "export default { query: { preset: 'all' } };",
    /query\.preset is "all", not one of tracking$/,
  ],
  [
    'has a wrong cookie rule',
    'export default { cookies: { keep: [""] } };',
    /cookies\.keep is "", not a text that is not/,
  ],
  [
    'has a wrong backend',
    'const a = { probe: 1 };\nexport default {\n  backends: {\n    a: {\n      probe: {\n        // window: 3\n        window: 99,\n} } } };',
    /policy\.ts:7: backends\.a\.probe\.window is 99, not a whole number from 1 to 64$/,
  ],
] as const) {
  test(`[case 71] a policy that ${what} is refused with file and line, and the old one stays in force`, async () => {
    await using o = await opened(said('one'));
    await o.write(source);
    const { status, body } = await o.reload();
    assert.deepEqual([status, body.reloaded, body.version], [422, false, 1]);
    assert.match(String(body.error), error);
    assert.equal((await o.stand.get('/')).header('x-said'), 'one');
    assert.partialDeepStrictEqual(await o.state(), { version: 1, lastError: { error: body.error } });
    await o.write(said('mended'));
    assert.equal((await o.reload()).status, 200);
    assert.equal((await o.stand.get('/')).header('x-said'), 'mended');
  });
}

test('GET /policy shows which older versions still have requests', async () => {
  await using o = await opened(said('one'));
  const asked = o.stand.ask('/slow');
  await eventually(() => assert.equal(o.stand.origin.requests.length, 1));
  await o.reload();
  await o.reload();
  assert.partialDeepStrictEqual(await o.state(), { version: 3, requests: 0, older: [{ version: 1, requests: 1 }] });
  o.gate.resolve();
  assert.equal((await asked.whole()).header('x-said'), 'one');
  assert.partialDeepStrictEqual(await o.state(), { older: [] });
});
