import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { load, markdown } from '@trivet/kit/process/settings.ts';
import { settings } from './settings.ts';
import { exampleRequest, exampleResponse } from './src/define-policy.ts';
import { loadPolicy } from './src/load-policy.ts';

const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');

test('the README’s table of settings is the one that is in force', () => {
  assert.ok(readme.includes(markdown(settings)), markdown(settings));
});

test('the settings that the README speaks of exist', () => {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env));
  for (const [name] of readme.matchAll(/\bEDGE_[A-Z_]+\b/g)) assert.ok(known.has(name), name);
});

test('the policy that the README shows loads, and does what it says', async () => {
  const [, source = ''] = /```ts\n(import \{ definePolicy[\s\S]*?)```/.exec(readme) ?? [];
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-readme-'));
  await writeFile(join(folder.path, 'policy.ts'), source);
  const { rules, plan } = await loadPolicy(load(settings, { EDGE_POLICY: 'policy.ts' }), folder.path);
  const request = (path: string, headers = {}) => exampleRequest(`http://example.com${path}`, { headers });
  assert.deepEqual(rules.receive(request('/admin/x')), { do: 'pass', why: 'admin pages' });
  assert.partialDeepStrictEqual(rules.receive(request('/', { 'user-agent': 'BadBot/1' })), {
    do: 'synth',
    status: 403,
  });
  assert.equal(rules.receive(request('/')), undefined);
  assert.partialDeepStrictEqual(rules.receive(request('/old')), { status: 301, headers: { location: '/new' } });
  assert.deepEqual([...plan.keys()], ['default', 'images']);
  assert.equal(rules.fetch(request('/images/a'))?.backend, 'images');
  assert.equal(rules.queryFilter?.('utm_source=x&b=2&a=1'), 'a=1&b=2');
  assert.equal(rules.cookies('session=1; other=2'), 'session=1');
  assert.equal(rules.key(request('/m/a?b')), 'example.com/m/a?b desktop');
  assert.equal(rules.key(request('/a')), undefined);
  assert.equal(rules.admit(exampleResponse(404), request('/')).ttl, 10_000);
  assert.deepEqual(rules.admit(exampleResponse(200, { 'Content-Type': 'image/png' }), request('/')).tags, ['images']);
  assert.equal(rules.admit(exampleResponse(200), request('/live')).do, 'pass');
  assert.deepEqual(rules.deliver(exampleResponse(200), request('/'))?.remove, ['Server', 'X-Powered-By']);
  assert.equal(rules.synth(503, request('/'))?.body, '<h1>Back in a minute</h1>');
});

test('the test that the README shows passes, in a folder that has but a link to this package', async () => {
  const shown = [...readme.matchAll(/```ts\n(import [\s\S]*?)```/g)].map(([, source = '']) => source);
  assert.equal(shown.length, 2);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-readme-'));
  const path = (name: string) => join(folder.path, name);
  await mkdir(path('node_modules/@trivet'), { recursive: true });
  await symlink(import.meta.dirname, path('node_modules/@trivet/edge-cache'));
  await writeFile(path('package.json'), '{"type":"module"}');
  await writeFile(path('policy.ts'), shown[0] ?? '');
  await writeFile(path('policy.test.ts'), shown[1] ?? '');
  const env = { PATH: process.env.PATH };
  const { stdout } = await promisify(execFile)(process.execPath, ['--test'], { cwd: folder.path, env });
  assert.match(stdout, /pass 1\n/);
});
