import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '@trivet/kit/process/settings.ts';
import { settings } from '../settings.ts';
import { loadPolicy } from './load-policy.ts';

async function loaded(source: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
  await writeFile(join(folder.path, 'policy.ts'), source);
  return await loadPolicy(load(settings, { EDGE_POLICY: 'policy.ts' }), folder.path);
}

test('the policy that comes with the kit decides nothing', async () => {
  const { rules, plan } = await loadPolicy(
    load(settings, { EDGE_POLICY: 'policy.ts' }),
    join(import.meta.dirname, '..'),
  );
  assert.deepEqual([...plan.keys()], ['default']);
  assert.deepEqual(
    [rules.hasReceive, rules.hasKey, rules.editsFetch, rules.editsDelivery],
    [false, false, false, false],
  );
});

test('a policy from anywhere may import this kit', async () => {
  const { rules } = await loaded(`import { definePolicy } from '@trivet/edge-cache';
    export default definePolicy({ key: ({ path }) => path, query: { sort: true } });`);
  assert.equal(rules.hasKey, true);
  assert.equal(rules.queryFilter?.('b&a'), 'a&b');
});

for (const [what, source, said] of [
  ['exports nothing of that name', 'export const a = 1;', /has no export "default"/],
  ['exports a text', "export default 'x';", /exports no policy/],
  [
    'has an unknown hook',
    'export default { recieve() {} };',
    /policy\.ts:1: recieve is nothing that a policy knows; there is only receive, query/,
  ],
  ['has a hook that is data', 'export default { admit: {} };', /policy\.ts:1: admit is an object, not a function$/],
  [
    'has rules that cannot be read',
    "export default {\n query: {\n  sort: true,\n  remove: 'utm_*' } };",
    /policy\.ts:4: query\.remove is "utm_\*", not a list/,
  ],
  ['throws', "throw new Error('boom');", /boom/],
] as const) {
  test(`a policy file that ${what} is a problem at start`, async () => {
    await assert.rejects(loaded(source), { name: 'StartProblem', message: said });
  });
}

test('a policy file that is not there is a problem at start', async () => {
  await assert.rejects(loadPolicy(load(settings, { EDGE_POLICY: 'nowhere.ts' }), '/'), {
    name: 'StartProblem',
    message: /EDGE_POLICY: there is no file/,
  });
});
