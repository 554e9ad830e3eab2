import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manyStand, type ScriptedWorker, says } from '../testing/many-stand.ts';
import { policyRoutes } from './policy.ts';

const breaks: ScriptedWorker = {};
const reloads = (version: number): ScriptedWorker => ({ admin: says({ reloaded: true, version }) });
const refuses: ScriptedWorker = { admin: says({ reloaded: false, version: 1, error: 'not a policy' }, 422) };

for (const [what, workers, status, body] of [
  ['all have', [reloads(2), reloads(3)], 200, { reloaded: true, version: 3 }],
  ['one refuses', [reloads(2), refuses], 422, { reloaded: false, error: 'not a policy' }],
  ['one does not answer', [reloads(2), breaks], 503, {}],
  ['none answers', [breaks, breaks], 503, {}],
] as const) {
  test(`a reload that ${what} is answered ${status}`, async () => {
    await using stand = await manyStand(workers, policyRoutes);
    const said = await stand.post('/policy/reload');
    assert.equal(said.status, status);
    assert.partialDeepStrictEqual(said.body, body);
  });
}

test('a reload that a worker has not confirmed names it', async () => {
  await using stand = await manyStand([reloads(2), breaks], policyRoutes);
  assert.match(JSON.stringify((await stand.post('/policy/reload')).body), /no answer from worker 2 .*the others have/);
  stand.leave(2);
  assert.equal((await stand.post('/policy/reload')).status, 200);
});

test('workers that are only starting are told as well: they may have read the file as it was', async () => {
  await using stand = await manyStand([breaks], policyRoutes);
  let reloads = 0;
  stand.crew.reloadStarting = () => {
    reloads += 1;
  };
  assert.equal((await stand.post('/policy/reload')).status, 503);
  assert.equal(reloads, 1);
});

test('the policy is told of those workers that tell, each with its version', async () => {
  const has = (version: number, sha256: string): ScriptedWorker => ({
    admin: says({ version, sha256, requests: 2, failures: version, older: [] }),
  });
  await using stand = await manyStand([has(1, 'a'), breaks, has(2, 'b')], policyRoutes);
  assert.deepEqual(await stand.json('/policy'), {
    status: 200,
    body: {
      ...{ version: 2, sha256: 'a', requests: 4, failures: 2, older: [] },
      workers: [
        { worker: 1, pid: 1001, version: 1, sha256: 'a' },
        { worker: 3, pid: 1003, version: 2, sha256: 'b' },
      ],
    },
  });
});

test('where no worker tells, there is no policy to tell of', async () => {
  await using stand = await manyStand([breaks], policyRoutes);
  assert.equal((await stand.json('/policy')).status, 503);
});
