// Workers of an edge that die, hang, reload, while it serves.
import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { EdgeProcess } from './src/testing/edge-process.ts';
import { workersStand } from './src/testing/workers-stand.ts';

const TIMES = 8;
const WITHIN_MS = 30_000;

function pair(env: Readonly<Record<string, string>> = {}) {
  let n = 0;
  const counted: Script = (_, reply) => {
    n += 1;
    reply.send(200, ['Cache-Control', 'max-age=600'], `${n}`);
  };
  return workersStand(counted, { EDGE_WORKERS: '2', ...env });
}

test('a worker that dies while a purge is carried out counts as done', async () => {
  await using stand = await pair();
  const { edge } = stand;
  const [doomed = 0] = await edge.pids();
  const old = await edge.texts('/x', TIMES);
  process.kill(doomed, 'SIGSTOP');
  const purging = edge.post('/purge', { all: true });
  await edge.told('/live');
  process.kill(doomed, 'SIGKILL');
  const said = await purging;
  assert.deepEqual([said.status, said.json()], [200, { purged: 1 }]);
  for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
});

test('what a worker does not confirm in time is said, and is done all the same when it goes on', async () => {
  await using stand = await pair();
  const { edge } = stand;
  const [hanging = 0] = await edge.pids();
  const old = await edge.texts('/x', TIMES);
  process.kill(hanging, 'SIGSTOP');
  const said = await edge.post('/purge', { all: true });
  assert.deepEqual([said.status, said.json().error.slice(0, 41)], [503, 'worker 1 did not confirm it within 2000ms']);
  const bodies = await Promise.any(
    Array.from({ length: 2 }, () => edge.ask('/x', { method: 'PURGE', headers: { accept: 'application/json' } })),
  );
  assert.equal(bodies.status, 503);
  await edge.line(/"level":"error".*workers have not confirmed/);
  const ready = await edge.told('/ready');
  assert.deepEqual([ready.status, ready.json().why], [503, 'worker 1 does not answer']);
  assert.equal((await edge.stats()).workers.length, 1);
  process.kill(hanging, 'SIGCONT');
  await eventually(async () => {
    for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
  }, WITHIN_MS);
});

test('counters do not fall when a worker is replaced, and who listens to the log hears its successor', async () => {
  await using stand = await pair();
  const { edge } = stand;
  await edge.texts('/x', TIMES);
  const hits = async () =>
    Number(/^trivet_cache_hits_total\{tier="edge-cache"\} (\d+)$/m.exec((await edge.told('/metrics')).text)?.[1]);
  const before = await hits();
  assert.equal(before, TIMES - 2);
  const leaving = new AbortController();
  const listening = await fetch(`${edge.admin}/log`, { signal: leaving.signal });
  let heard = '';
  const hearing = listening.body?.pipeTo(
    new WritableStream({
      write: (chunk) => {
        heard += Buffer.from(chunk).toString();
      },
    }),
  );
  const [doomed = 0] = await edge.pids();
  process.kill(doomed, 'SIGKILL');
  await edge.line(/a worker was replaced/);
  assert.equal(await hits(), before);
  // One of them is new: it has to ask the origin.
  assert.equal((await edge.texts('/x', TIMES)).size, 2);
  await eventually(() => assert.equal(heard.match(/^data:/gm)?.length, TIMES), WITHIN_MS);
  leaving.abort();
  await hearing?.catch(() => undefined);
});

test('a policy is reloaded in all workers, by the admin API and by SIGHUP, or refused in all', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
  const path = join(folder.path, 'policy.ts');
  const says = (word: string) =>
    writeFile(path, `export default { deliver: () => ({ set: { 'X-Said': '${word}' } }) };\n`);
  await says('one');
  await using stand = await pair({ EDGE_POLICY: path, EDGE_POLICY_WATCH: 'off' });
  const { edge } = stand;
  const said = async () => {
    const words = new Set<string | null>();
    for (let i = 0; i < TIMES; i++) words.add((await edge.ask('/x')).headers.get('x-said'));
    return [...words].join();
  };
  await says('two');
  const reloaded = await edge.post('/policy/reload', {});
  assert.deepEqual([reloaded.status, reloaded.json()], [200, { reloaded: true, version: 2 }]);
  assert.equal(await said(), 'two');
  await writeFile(path, 'export default {');
  const refused = await edge.post('/policy/reload', {});
  assert.deepEqual([refused.status, refused.json().reloaded, refused.json().version], [422, false, 2]);
  await says('three');
  edge.child.kill('SIGHUP');
  await eventually(async () => assert.equal(await said(), 'three'), WITHIN_MS);
  const state = (await edge.told('/policy')).json();
  assert.equal(state.version, 3);
  assert.deepEqual(
    state.workers.map(({ version }: { version: number }) => version),
    [3, 3],
  );
  await edge.line(/version 3 is in force/);
});

test('a policy that does not load ends the edge with 78, and is named once', async () => {
  await using edge = await EdgeProcess.begin({ EDGE_POLICY: '/nowhere.ts', EDGE_WORKERS: '2' });
  assert.deepEqual(await edge.ended, [78, null]);
  assert.equal(edge.complaints, 'edge-cache: EDGE_POLICY: there is no file /nowhere.ts\n');
});

test('the rate of purges is one, for the admin API and the public port of every worker', async () => {
  await using stand = await pair({ EDGE_PURGE_RATE: '1' });
  const { edge } = stand;
  await eventually(async () => {
    assert.equal((await edge.post('/purge', { url: '/x' })).status, 200);
    const statuses = [
      (await edge.ask('/x', { method: 'PURGE' })).status,
      (await edge.ask('/x', { method: 'PURGE' })).status,
    ];
    assert.deepEqual(statuses, [429, 429]);
  }, WITHIN_MS);
});

test('an edge that is told to stop tells who listens to its log, and leaves no worker behind', async () => {
  await using stand = await pair();
  const { edge } = stand;
  const pids = await edge.pids();
  const listening = await fetch(`${edge.admin}/log`);
  edge.child.kill('SIGTERM');
  assert.match(await listening.text(), /^: listening\n\nevent: end\ndata: \{"why":"draining"\}\n\n$/);
  assert.deepEqual(await edge.ended, [0, null]);
  assert.deepEqual(pids.filter(isAlive), []);
});
