import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLog } from '@trivet/kit/process/log.ts';
import { openMetrics } from '@trivet/kit/process/metrics.ts';
import { load } from '@trivet/kit/process/settings.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { settings } from '../settings.ts';
import { start } from './start.ts';

const site = (word: string, more = '') =>
  `export default { routes: [\n  { path: '/old/', redirect: '/${word}/' },\n  { path: '/app/', proxy: 'app', response: { set: { 'X-Said': '${word}' } } },\n  { path: '/', files: '${word}' } ],\n${more} };\n`;

/** A front in this process; the admin API is called by hand. */
async function running(app: string, files: Readonly<Record<string, string>> = {}) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ 'one/f.txt': '1', 'two/f.txt': '2', 'site.ts': site('one'), ...files }));
  const config = load(settings, {
    ...{ FRONT_LISTEN: '127.0.0.1:0', FRONT_ROOT: tree.path, FRONT_UPSTREAM: app, FRONT_SITE_WATCH: 'off' },
    FRONT_SITE: join(tree.path, 'site.ts'),
  });
  const options = { level: 'silent', format: 'json', buffer: 1_000_000, sample: 1 } as const;
  const { log, accessLog, relay } = openLog({ tier: 'static-frontend', ...options });
  const metrics = openMetrics('static-frontend');
  const { listening, reload, stats } = await start({ config, log, accessLog, metrics, own, relay }, {});
  const version = async () => Number(/^trivet_site_version\S* (\d+)$/m.exec(await metrics.registry.metrics())?.[1]);
  const all = own.move();
  return {
    url: listening.url,
    port: Number(new URL(listening.url).port),
    stats: () => stats?.() as { hotFiles: { paths: number; answers: number } },
    async becomes(source: string) {
      const before = await version();
      await writeFile(join(tree.path, 'site.ts'), source);
      reload?.();
      await eventually(async () => assert.equal(await version(), before + 1), 10_000);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

test('a request keeps the site that it began with', async () => {
  const gate = Promise.withResolvers<void>();
  await using app = await scriptedOrigin(async (_, reply) => {
    await gate.promise;
    reply.send(200, [], 'the app');
  });
  await using front = await running(app.url);
  const asked = fetch(`${front.url}/app/`);
  await eventually(() => assert.equal(app.requests.length, 1));
  await front.becomes(site('two'));
  gate.resolve();
  assert.equal((await asked).headers.get('x-said'), 'one');
  assert.equal((await fetch(`${front.url}/app/`)).headers.get('x-said'), 'two');
});

test('files that were hot under the site before answer no more', async () => {
  await using front = await running('http://127.0.0.1:9');
  const text = async () => (await fetch(`${front.url}/f.txt`)).text();
  await eventually(async () => {
    assert.equal(await text(), '1');
    assert.ok(front.stats().hotFiles.answers > 0);
  });
  await front.becomes(site('two'));
  assert.equal(front.stats().hotFiles.paths, 0);
  for (let i = 0; i < 5; i++) assert.equal(await text(), '2');
  await eventually(async () => {
    assert.equal(await text(), '2');
    assert.equal(front.stats().hotFiles.paths, 1);
  });
  assert.ok(front.stats().hotFiles.answers > 0);
});

test('a WebSocket lives on when the site changes', async () => {
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  await using app = await rawOrigin((socket) => {
    socket.once('data', () => {
      socket.write(switching);
      socket.on('data', (chunk) => socket.write(chunk));
    });
  });
  const { address } = app;
  assert.ok(address.kind === 'tcp');
  await using front = await running(`http://${address.host}:${address.port}`);
  await using client = await rawConnect(front.port);
  await client.write(
    'GET /app/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await client.readUntil('\r\n\r\n');
  await front.becomes(site('two'));
  await client.write('\x81\x02hi');
  await client.readUntil('\x81\x02hi');
});

test('what limits have counted outlives the site', async () => {
  const limits = `limits: { few: { rate: '1/h', by: 'all' } },`;
  const limited = (word: string) => site(word, limits).replace("files: '", "limits: ['few'], files: '");
  await using front = await running('http://127.0.0.1:9', { 'site.ts': limited('one') });
  assert.equal((await fetch(`${front.url}/f.txt`)).status, 200);
  await front.becomes(limited('two'));
  assert.equal((await fetch(`${front.url}/f.txt`)).status, 429);
});
