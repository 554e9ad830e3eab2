import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicy } from './load-policy.ts';

async function load(source: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
  await writeFile(join(folder.path, 'policy.ts'), source);
  return await loadPolicy('policy.ts', folder.path);
}

test('the policy that comes with the kit decides nothing', async () => {
  const rules = await loadPolicy('policy.ts', join(import.meta.dirname, '..'));
  assert.deepEqual(
    [rules.hasReceive, rules.hasKey, rules.editsFetch, rules.editsDelivery],
    [false, false, false, false],
  );
});

test('a policy from anywhere may import this kit', async () => {
  const rules = await load(`import { definePolicy } from '@trivet/edge-cache';
    export default definePolicy({ key: ({ path }) => path, query: { sort: true } });`);
  assert.equal(rules.hasKey, true);
  assert.equal(rules.queryFilter?.('b&a'), 'a&b');
});

for (const [what, source, said] of [
  ['exports nothing of that name', 'export const a = 1;', /has no export "default"/],
  ['exports a text', "export default 'x';", /exports no policy/],
  ['has an unknown hook', 'export default { recieve() {} };', /has "recieve"; there is only receive, query/],
  ['has a hook that is data', 'export default { admit: {} };', /admit is no function/],
  ['has rules that cannot be read', "export default { query: { remove: 'utm_*' } };", /policy\.ts: /],
  ['throws', "throw new Error('boom');", /boom/],
] as const) {
  test(`a policy file that ${what} is a problem at start`, async () => {
    await assert.rejects(load(source), { name: 'StartProblem', message: said });
  });
}

test('a policy file that is not there is a problem at start', async () => {
  await assert.rejects(loadPolicy('nowhere.ts', '/'), {
    name: 'StartProblem',
    message: /EDGE_POLICY: there is no file/,
  });
});
