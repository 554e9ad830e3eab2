import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { SpawnedTier } from '@trivet/kit/testing/spawned-tier.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';

const program = join(import.meta.dirname, 'main.ts');
const siteOf = (site: object) => `export default ${JSON.stringify(site)};\n`;

test('a front hands over under load, hot files and all, and what is wrong with a new site keeps it in force', async () => {
  const routes = [{ path: '/', files: '.' }];
  await using tree = await fileTree({ 'index.html': 'one', 'site.ts': siteOf({ routes: [{ path: 7 }] }) });
  const site = join(tree.path, 'site.ts');
  await writeFile(site, siteOf({ routes }));
  await using front = new SpawnedTier({ FRONT_ROOT: tree.path, FRONT_SITE: site, LOG_SKIP: '/*' }, { program });
  const { address, pid } = await front.line('listening');
  await using load = steadyLoad({ port: Number(new URL(address).port) });
  await writeFile(site, siteOf({ routes: [{ path: 7 }] }));
  front.child.kill('SIGUSR2');
  const { said } = await front.line('the new process did not come to serve');
  assert.match(String(said), /site.ts:1: routes\[0\]/);
  await writeFile(site, siteOf({ routes: [{ path: '/index.html', redirect: '/' }, ...routes] }));
  front.child.kill('SIGUSR2');
  const { to } = await front.line('handed over');
  assert.equal(await front.exitCode(), 0);
  assert.notEqual(to, pid);
  const moved = await fetch(`${address}/index.html`, { redirect: 'manual' });
  assert.equal(moved.headers.get('location'), '/');
  const sofar = () => [...load.answers.values()].reduce((all, few) => all + few, 0);
  const before = sofar();
  await eventually(() => assert.ok(sofar() > before));
  await load.stop();
  assert.deepEqual(load.failures, []);
});
