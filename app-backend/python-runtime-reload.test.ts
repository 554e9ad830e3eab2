// Other code, and more or fewer workers, while clients ask: none of them is to notice.
import assert from 'node:assert/strict';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { withPython } from './src/testing/python.ts';
import { eventuallySaid, helloApp, pythonTier } from './src/testing/python-tier.ts';

const importMs = 1_000;
const slowApp = `import time\ntime.sleep(${importMs / 1000})\n${helloApp}`;

const reloadOf = async (admin: string) => {
  const response = await fetch(`${admin}/reload`, { method: 'POST' });
  return { status: response.status, body: (await response.json()) as { error?: string; generation?: number } };
};

test('a reload under load fails no request, and none waits for the import', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': slowApp }, { APP_WORKERS: '2' });
  const { admin, port } = stand;
  const before = (await stand.serving()).map(({ pid }) => String(pid));
  await using load = steadyLoad({ port });
  await eventually(() => assert.ok(load.answers.size > 0));
  const { status, body } = await reloadOf(admin);
  assert.deepEqual([status, body.generation], [200, 2]);
  const after = (await stand.serving()).map(({ pid }) => String(pid));
  assert.ok(after.every((pid) => !before.includes(pid)));
  await eventually(() => assert.ok(after.every((pid) => load.answers.has(pid))));
  await load.stop();
  assert.deepEqual(load.failures, []);
  assert.ok(load.slowestMs() < importMs / 2, `the slowest answer took ${load.slowestMs()}ms`);
});

for (const preload of ['off', 'on']) {
  test(`broken code at a reload is told of, and changes nothing; preload ${preload}`, withPython, async () => {
    await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_PRELOAD: preload });
    const { admin, port, code } = stand;
    const [before] = await stand.serving();
    await using load = steadyLoad({ port });
    code.write('site_app.py', 'import nothing_of_the_kind\n');
    const { status, body } = await reloadOf(admin);
    assert.equal(status, 500);
    assert.match(body.error ?? '', /No module named 'nothing_of_the_kind'/);
    assert.equal((await fetch(`${admin}/ready`)).status, 200);
    assert.deepEqual(
      (await stand.serving()).map(({ pid }) => pid),
      [before?.pid],
    );
    await eventuallySaid(stand, /the app is not reloaded: .*nothing_of_the_kind/);
    code.write('site_app.py', `# mended\n${helloApp}`);
    assert.equal((await reloadOf(admin)).status, 200);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });
}

test('SIGHUP, and a file that is touched, reload', withPython, async () => {
  const files = { 'site_app.py': helloApp, touched: '' };
  await using stand = await pythonTier(files, (folder) => ({ APP_TOUCH_FILE: join(folder, 'touched') }));
  const generations = async () => (await stand.serving()).map(({ generation }) => generation);
  process.kill(stand.pid, 'SIGHUP');
  await eventually(async () => assert.deepEqual(await generations(), [2]), 20_000);
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(stand.code.folder, 'touched'), later, later);
  await eventually(async () => assert.deepEqual(await generations(), [3]), 20_000);
});

test('SIGTTIN and SIGTTOU make more and fewer workers, and lose no request', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp });
  const { pid, port } = stand;
  await using load = steadyLoad({ port });
  // One after another: the system does not count signals that wait.
  for (const [signal, workers] of [
    ['SIGTTIN', 2],
    ['SIGTTIN', 3],
    ['SIGTTOU', 2],
    ['SIGTTOU', 1],
  ] as const) {
    process.kill(pid, signal);
    await stand.eventuallyServing((rows) => assert.equal(rows.length, workers));
  }
  await load.stop();
  assert.deepEqual(load.failures, []);
});

test(
  'with preload the application is imported once per generation, and post_fork runs in each worker',
  withPython,
  async () => {
    const counting = `
import os
with open('imports', 'a') as file:
    file.write('%d\\n' % os.getpid())
${helloApp}`;
    const hooks = `
import os
def post_fork(worker):
    with open('forks', 'a') as file:
        file.write('%d %d\\n' % (worker.pid, os.getpid()))
`;
    await using stand = await pythonTier(
      { 'site_app.py': counting, 'site_hooks.py': hooks },
      { APP_WORKERS: '3', APP_PRELOAD: 'on', APP_HOOKS: 'site_hooks' },
    );
    const lines = (name: string) => readFileSync(join(stand.code.folder, name), 'utf8').trim().split('\n');
    const [forkServer] = (await stand.stats()).forkServers;
    assert.deepEqual(lines('imports'), [String(forkServer?.pid)]);
    const pids = (await stand.serving()).map(({ pid }) => `${pid} ${pid}`);
    assert.deepEqual(lines('forks').toSorted(), pids.toSorted());
    assert.equal((await reloadOf(stand.admin)).status, 200);
    assert.deepEqual([lines('imports').length, lines('forks').length], [2, 6]);
    await eventually(async () =>
      assert.deepEqual(
        (await stand.stats()).forkServers.map(({ generation }) => generation),
        [2],
      ),
    );
  },
);
