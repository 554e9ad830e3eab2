import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { proxyLine } from '@trivet/kit/testing/proxy-headers.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';

const repository = join(import.meta.dirname, '..');
const anywhere = { FRONT_LISTEN: '127.0.0.1:0', FRONT_ADMIN_LISTEN: '127.0.0.1:0' };

function run(env: Readonly<Record<string, string>>): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, ['static-frontend/main.ts'], {
    cwd: repository,
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

test('the tier serves the sample site, says how it is, and stops when told', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200, [], 'the app'));
  await using child = run({ FRONT_UPSTREAM: app.url });
  const { address, admin } = await listening(child);
  const page = await fetch(address, { headers: { 'accept-encoding': 'br' } });
  assert.match(await page.text(), /<title>Trivet<\/title>/);
  assert.equal(page.headers.get('content-encoding'), 'br');
  assert.equal(await (await fetch(`${address}/nowhere`)).text(), 'the app');
  assert.equal((await fetch(`${address}/old/x?y`, { redirect: 'manual' })).headers.get('location'), '/new/x?y');
  assert.equal((await fetch(`${admin}/ready`)).status, 200);
  const stats = (await (await fetch(`${admin}/stats`)).json()) as {
    upstreams: { app: { addresses: unknown[] } };
    hotFiles: object;
  };
  assert.equal(stats.upstreams.app.addresses.length, 1);
  assert.deepEqual(Object.keys(stats.hotFiles), ['paths', 'bytes', 'answers', 'looks', 'changes', 'failures']);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('files that are asked for again and again are kept in memory', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using child = run({ FRONT_ROOT: tree.path });
  const { address, admin } = await listening(child);
  await eventually(async () => {
    // Not before the file is old enough to be kept.
    assert.equal(await (await fetch(`${address}/f.txt`)).text(), 'f');
    assert.match(await (await fetch(`${admin}/metrics`)).text(), /^trivet_hot_paths(?:\{.*\})? 1$/m);
  });
});

for (const off of [{ FRONT_FAST_LANE: 'off' }, { FRONT_HOT_FILES: '0B' }]) {
  test(`no file is kept in memory with ${JSON.stringify(off)}`, async () => {
    await using tree = await fileTree({ 'f.txt': 'f' });
    await using child = run({ FRONT_ROOT: tree.path, ...off });
    const { address, admin } = await listening(child);
    assert.equal(await (await fetch(`${address}/f.txt`)).text(), 'f');
    assert.doesNotMatch(await (await fetch(`${admin}/metrics`)).text(), /trivet_hot/);
  });
}

for (const fastLane of ['on', 'off']) {
  test(`behind a proxy that speaks the PROXY protocol the app hears of its client, fast lane ${fastLane}`, async () => {
    await using app = await scriptedOrigin(({ fields }, reply) =>
      reply.send(200, [], `for ${field(fields, 'x-forwarded-for')}`),
    );
    await using child = run({
      FRONT_UPSTREAM: app.url,
      FRONT_PROXY_PROTOCOL: 'on',
      FRONT_TRUSTED_PROXIES: '127.0.0.1',
      FRONT_FAST_LANE: fastLane,
    });
    const { address } = await listening(child);
    const port = Number(new URL(address).port);
    const get = 'GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.1\r\nConnection: close\r\n\r\n';
    const header = proxyLine({ address: '192.0.2.1', port: 1 });
    assert.match(await rawExchange(port, [header, get]), /for 192\.0\.2\.1$/);
    assert.equal(await rawExchange(port, get), '');
  });
}

for (const [allowed, expected] of [
  ['', ['x-kept']],
  ['X_Api_Key', ['x_api_key', 'x-kept']],
] as const) {
  test(`the app gets no field with an underscore in its name but those of FRONT_ODD_FIELDS=${allowed}`, async () => {
    let got: readonly string[] = [];
    await using app = await scriptedOrigin(({ fields }, reply) => {
      got = fields.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
      return reply.send(200, [], 'ok');
    });
    await using child = run({ FRONT_UPSTREAM: app.url, FRONT_ODD_FIELDS: allowed });
    const { address } = await listening(child);
    const odd = 'X_Forwarded_For: 203.0.113.1\r\nX_Api_Key: k\r\nContent_Length: 5\r\nREMOTE_USER: root\r\n';
    const get = `GET /nowhere HTTP/1.1\r\nHost: a\r\n${odd}X-Kept: 1\r\nConnection: close\r\n\r\n`;
    await rawExchange(Number(new URL(address).port), get);
    assert.deepEqual(
      got.filter((name) => name.includes('_') || name === 'x-kept'),
      expected,
    );
  });
}

test('files are served, and the tier is ready, while there is no app', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using child = run({ FRONT_ROOT: tree.path, FRONT_UPSTREAM: 'unix:/nonexistent/app.sock' });
  const { address, admin } = await listening(child);
  assert.equal(await (await fetch(`${address}/f.txt`)).text(), 'f');
  assert.equal((await fetch(`${address}/x`)).status, 503);
  assert.equal((await fetch(`${admin}/ready`)).status, 200);
});

test('several workers are one tier to those outside', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  await using app = await scriptedOrigin((_, reply) => reply.send(200, [], 'the app'));
  await using child = run({ FRONT_WORKERS: '2', FRONT_ROOT: tree.path, FRONT_UPSTREAM: app.url });
  const { address, admin } = await listening(child);
  const ask = async (path: string) => (await fetch(address + path, { headers: { connection: 'close' } })).text();
  for (let i = 0; i < 4; i++) assert.deepEqual([await ask('/f.txt'), await ask('/else')], ['f', 'the app']);
  assert.deepEqual(await (await fetch(`${admin}/ready`)).json(), { ready: true });
  const stats = (await (await fetch(`${admin}/stats`)).json()) as {
    upstreams: { app: { addresses: unknown[] } };
    workers: { worker: number; pid: number }[];
  };
  assert.equal(stats.upstreams.app.addresses.length, 1);
  assert.deepEqual(
    stats.workers.map(({ worker, pid }) => [worker, pid === child.pid]),
    [
      [1, false],
      [2, false],
    ],
  );
  await eventually(async () => {
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    assert.match(
      metrics,
      /^trivet_http_requests_total\{method="GET",status="200",outcome="done",tier="static-frontend"\} 8$/m,
    );
  });
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('what limits say is told in /stats and /metrics, of several workers together', async () => {
  const site = {
    limits: { few: { rate: '1/h', by: 'all' } },
    routes: [{ path: '/', files: '.', limits: ['few'] }],
  };
  await using tree = await fileTree({ 'f.txt': 'f', 'site.ts': `export default ${JSON.stringify(site)};` });
  await using child = run({ FRONT_ROOT: tree.path, FRONT_SITE: join(tree.path, 'site.ts'), FRONT_WORKERS: '2' });
  const { address, admin } = await listening(child);
  const headers = { connection: 'close' };
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await fetch(`${address}/f.txt`, { headers })).status);
  // Each worker counts for itself, and gets each second connection.
  assert.deepEqual(statuses, [200, 200, 429, 429]);
  await eventually(async () => {
    const { limits } = (await (await fetch(`${admin}/stats`)).json()) as { limits: object };
    assert.partialDeepStrictEqual(limits, { few: { in: 2, refusedRate: 2, keys: 2, here: 0 } });
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    assert.match(
      metrics,
      /^trivet_limit_verdicts_total\{limit="few",verdict="refusedRate",tier="static-frontend"\} 2$/m,
    );
  });
});

test('a file of users that is not there ends the tier with 78', async () => {
  const site = { routes: [{ path: '/', files: '.', basicAuth: { realm: 'r', users: '/nowhere/users' } }] };
  await using tree = await fileTree({ 'site.ts': `export default ${JSON.stringify(site)};` });
  await using child = run({ FRONT_ROOT: tree.path, FRONT_SITE: join(tree.path, 'site.ts') });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 78);
  assert.match(said, /routes\[0\]\.basicAuth\.users: \/nowhere\/users: ENOENT/);
});

for (const [what, env, complaint] of [
  ['a root that is not there', { FRONT_ROOT: '/nowhere' }, /FRONT_ROOT: there is no folder \/nowhere/],
  ['a site that is not there', { FRONT_SITE: '/nowhere.ts' }, /FRONT_SITE: there is no file \/nowhere\.ts/],
  ['an upstream that is none', { FRONT_UPSTREAM: 'app' }, /FRONT_UPSTREAM: "app" is not an address/],
] as const) {
  test(`${what} ends the tier with 78 and one clear line`, async () => {
    await using child = run(env);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 78);
    assert.match(said, complaint);
    assert.equal(said.trim().split('\n').length, 1);
  });
}
