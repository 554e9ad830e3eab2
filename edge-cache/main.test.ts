import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { proxyBinary } from '@trivet/kit/testing/proxy-headers.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';

const repository = join(import.meta.dirname, '..');
const anywhere = { EDGE_LISTEN: '127.0.0.1:0', EDGE_ADMIN_LISTEN: '127.0.0.1:0' };

function run(env: Readonly<Record<string, string>>, cwd = repository): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, [join(repository, 'edge-cache/main.ts')], {
    cwd,
    env: { PATH: process.env.PATH, ...anywhere, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  });
}

async function listening(child: ChildProcess): Promise<{ address: string; admin: string }> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line);
    if (record.msg === 'listening') return record;
  }
  throw new Error('it ended without listening');
}

async function complaint(env: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> {
  await using child = run(env);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

test('the tier caches, explains, purges, and stops when told', async () => {
  let n = 0;
  await using origin = await scriptedOrigin((_, reply) => {
    n += 1;
    reply.send(200, ['Cache-Control', 'max-age=60'], `${n}`);
  });
  // Started from elsewhere: the policy that comes with the kit is found all the same.
  await using child = run({ EDGE_ORIGIN: origin.url, EDGE_REGION: 'here' }, tmpdir());
  const { address, admin } = await listening(child);
  assert.equal(await (await fetch(`${address}/`)).text(), '1');
  const hit = await fetch(`${address}/`);
  assert.equal(hit.headers.get('cache-status'), 'edge-cache; hit; ttl=60');
  assert.equal((await fetch(`${admin}/ready`)).status, 200);
  const explained = (await (await fetch(`${admin}/explain?url=${address}/`)).json()) as { lookup: { why: string } };
  assert.equal(explained.lookup.why, 'fresh');
  const stats = (await (await fetch(`${admin}/stats`)).json()) as { region: string; store: { entries: number } };
  assert.deepEqual([stats.region, stats.store.entries], ['here', 1]);
  assert.match(await (await fetch(`${admin}/metrics`)).text(), /trivet_cache_hits_total\{tier="edge-cache"\} 1/);
  const purged = await fetch(`${admin}/purge`, { method: 'POST', body: '{"all":true}' });
  assert.deepEqual(await purged.json(), { purged: 1 });
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a policy file of one’s own is loaded from anywhere', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
  const source = `import { definePolicy } from '@trivet/edge-cache';
export default definePolicy({ receive: ({ path }) => (path === '/no' ? { do: 'synth', status: 404, why: 'no' } : undefined) });`;
  await writeFile(join(folder.path, 'policy.ts'), source);
  await using child = run({ EDGE_POLICY: 'policy.ts', EDGE_ORIGIN: 'http://127.0.0.1:9' }, folder.path);
  const { address } = await listening(child);
  assert.equal((await fetch(`${address}/no`)).status, 404);
});

for (const [what, env, said] of [
  ['a policy that is not there', { EDGE_POLICY: '/nowhere.ts' }, /EDGE_POLICY: there is no file \/nowhere\.ts/],
  ['an origin that is none', { EDGE_ORIGIN: 'app' }, /EDGE_ORIGIN: "app" is not an address/],
  ['a wrong word', { EDGE_SET_COOKIE: 'maybe' }, /EDGE_SET_COOKIE: "maybe" is not one of/],
] as const) {
  test(`${what} ends the tier with 78 and one clear line`, async () => {
    const result = await complaint(env);
    assert.equal(result.code, 78);
    assert.match(result.said, said);
    assert.equal(result.said.trim().split('\n').length, 1);
  });
}

for (const [what, source, said] of [
  ['does not load', 'export default {', /does not load/],
  ['exports nothing of that kind', 'export const a = 1;', /has no export "default"/],
  [
    'has an unknown hook',
    'export default { recieve: () => undefined };',
    /policy\.ts:1: recieve is nothing that a policy knows; there is only receive/,
  ],
  ['has a hook that is no function', 'export default { receive: 5 };', /policy\.ts:1: receive is 5, not a function/],
] as const) {
  test(`a policy that ${what} ends the tier with 78`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
    await writeFile(join(folder.path, 'policy.ts'), source);
    const result = await complaint({ EDGE_POLICY: join(folder.path, 'policy.ts') });
    assert.equal(result.code, 78);
    assert.match(result.said, said);
  });
}

for (const workers of ['1', '2']) {
  test(`behind a proxy that speaks the PROXY protocol the origin hears of its client, ${workers} workers`, async () => {
    await using origin = await scriptedOrigin(({ fields }, reply) => {
      reply.send(200, ['Cache-Control', 'max-age=60'], `for ${field(fields, 'x-forwarded-for')}`);
    });
    await using child = run({
      EDGE_ORIGIN: origin.url,
      EDGE_WORKERS: workers,
      EDGE_PROXY_PROTOCOL: 'on',
      EDGE_TRUSTED_PROXIES: '127.0.0.1',
    });
    const port = Number(new URL((await listening(child)).address).port);
    const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const header = proxyBinary(Buffer.from([192, 0, 2, 1]), 1);
    // Each worker asks the origin, then answers from memory.
    for (let i = 0; i < 6; i++) assert.match(await rawExchange(port, [header, get]), /for 192\.0\.2\.1$/);
    assert.equal(await rawExchange(port, get), '');
  });
}
