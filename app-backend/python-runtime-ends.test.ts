// How processes of the Python runtime end, by themselves or by force, and what becomes of the requests that they had.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { withPython } from './src/testing/python.ts';
import { eventuallySaid, helloApp, type PythonTier, pythonTier } from './src/testing/python-tier.ts';

/** `/wait?FILE` waits for a file; another path is answered at once. */
const waitingApp = `
import os, sys, time
def application(environ, start_response):
    gate = environ['QUERY_STRING']
    if environ['PATH_INFO'] == '/wait':
        sys.stderr.write('waiting for %s\\n' % gate)
        while not os.path.exists(gate):
            time.sleep(0.01)
    start_response('200 OK', [('Content-Type', 'text/plain'), ('X-Pid', str(os.getpid()))])
    return [b'done']
`;

const withinMs = 20_000;

/** Resolves when a worker has a request for this path. */
async function underWay({ stats }: PythonTier, path: string) {
  return await eventually(async () => {
    const busy = (await stats()).workers.find(({ inFlight }) => inFlight.some(({ target }) => target.startsWith(path)));
    return busy ?? assert.fail(`nobody has ${path}`);
  }, withinMs);
}

test('workers that are killed under load fail no GET', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '3' });
  await using load = steadyLoad({ port: stand.port });
  for (let round = 0; round < 3; round++) {
    const [victim] = await stand.serving();
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await stand.eventuallyServing((rows) => {
      assert.equal(rows.length, 3);
      assert.ok(rows.every(({ pid }) => pid !== victim?.pid));
    });
  }
  await load.stop();
  assert.deepEqual(load.failures, []);
  await eventually(async () => assert.equal((await stand.stats()).arbiter.ends.crashed, 3), withinMs);
});

test(
  'a POST whose worker is killed fails alone, and the log has its end, its last words and the request',
  withPython,
  async () => {
    await using stand = await pythonTier({ 'site_app.py': waitingApp });
    const { url, code } = stand;
    const asked = fetch(`${url}/wait?${join(code.folder, 'never')}`, { method: 'POST', body: 'x' });
    const { pid } = await underWay(stand, '/wait');
    await eventuallySaid(stand, /"msg":"waiting for /);
    process.kill(pid, 'SIGKILL');
    const answer = await asked;
    assert.equal(answer.status, 502);
    const id = answer.headers.get('x-request-id');
    await stand.eventuallyServing((rows) => assert.equal(rows.length, 1));
    assert.equal((await fetch(url)).status, 200);
    const { lastEnd } = (await stand.stats()).arbiter;
    assert.match(lastEnd?.why ?? '', /^SIGKILL/);
    assert.match(lastEnd?.stderr.at(-1) ?? '', /^waiting for /);
    assert.deepEqual(
      lastEnd?.requests.map(({ method, id: its }) => [method, its]),
      [['POST', id]],
    );
    await eventuallySaid(
      stand,
      new RegExp(`"signal":"SIGKILL".*"stderr":\\["waiting for .*"requests":\\[\\{"method":"POST".*${id}`),
    );
  },
);

test('a request that hangs is 504, the log says where it hung, and the worker is replaced', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': waitingApp }, { APP_TIMEOUT: '1s' });
  const { url, code } = stand;
  const [before] = await stand.serving();
  const answer = await fetch(`${url}/wait?${join(code.folder, 'never')}`);
  assert.equal(answer.status, 504);
  assert.equal((await fetch(url)).status, 200);
  await eventuallySaid(stand, /site_app.py\\", line \d+ in application/);
  await eventually(async () => assert.equal((await stand.stats()).arbiter.ends.timeout, 1), withinMs);
  const { arbiter, workers } = await stand.stats();
  assert.match(arbiter.lastEnd?.stderr.join('\n') ?? '', /site_app.py", line \d+ in application/);
  assert.deepEqual([workers.length, isAlive(before?.pid ?? 0)], [1, false]);
});

test('workers that have served enough are replaced under load, and no request is lost', withPython, async () => {
  const env = { APP_WORKERS: '2', APP_MAX_REQUESTS: '50', APP_MAX_REQUESTS_JITTER: '20' };
  await using stand = await pythonTier({ 'site_app.py': helloApp }, env);
  await using load = steadyLoad({ port: stand.port });
  await eventually(() => assert.ok(load.answers.size >= 6), 30_000);
  await load.stop();
  assert.deepEqual(load.failures, []);
  // Six have answered and two serve: four have been replaced, of whom the last may still be on their way out.
  await eventually(async () => assert.ok(((await stand.stats()).arbiter.ends['max-requests'] ?? 0) >= 4), withinMs);
});

test('a fork server that is killed is followed by another, and no request is lost', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '2' });
  const before = (await stand.serving()).map(({ pid }) => pid);
  await using load = steadyLoad({ port: stand.port });
  const [forkServer] = (await stand.stats()).forkServers;
  process.kill(forkServer?.pid ?? 0, 'SIGKILL');
  await stand.eventuallyServing((rows) => {
    assert.equal(rows.length, 2);
    assert.ok(rows.every(({ pid }) => !before.includes(pid)));
  });
  await load.stop();
  assert.deepEqual(load.failures, []);
  await eventually(() => assert.deepEqual(before.map(isAlive), [false, false]), withinMs);
});

test('when this process is killed, no process of Python stays', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '2', APP_THREADS: '2' });
  const { workers, forkServers } = await stand.stats();
  const pids = [...workers, ...forkServers].map(({ pid }) => pid);
  assert.equal(pids.length, 3);
  process.kill(stand.pid, 'SIGKILL');
  await eventually(() => assert.deepEqual(pids.filter(isAlive), []), withinMs);
});

test('SIGTERM lets requests finish, is not ready meanwhile, and leaves nobody', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': waitingApp }, { APP_WORKERS: '2' });
  const { url, admin, code, tier } = stand;
  const { workers, forkServers } = await stand.stats();
  const asked = fetch(`${url}/wait?${join(code.folder, 'gate')}`);
  await underWay(stand, '/wait');
  process.kill(stand.pid, 'SIGTERM');
  await eventually(async () => assert.equal((await fetch(`${admin}/ready`)).status, 503));
  code.write('gate', '');
  assert.equal(await (await asked).text(), 'done');
  assert.equal(await tier.exitCode(), 0);
  assert.deepEqual(
    [...workers, ...forkServers].map(({ pid }) => isAlive(pid)),
    [false, false, false],
  );
});

for (const signal of ['SIGQUIT', 'SIGINT'] as const) {
  test(`${signal} waits for no request`, withPython, async () => {
    await using stand = await pythonTier({ 'site_app.py': waitingApp });
    const { workers } = await stand.stats();
    const asking = request(`${stand.url}/wait?${join(stand.code.folder, 'never')}`).end();
    const cut = once(asking, 'error');
    await underWay(stand, '/wait');
    process.kill(stand.pid, signal);
    await cut;
    await stand.tier.exitCode();
    await eventually(
      () =>
        assert.deepEqual(
          workers.map(({ pid }) => isAlive(pid)),
          [false],
        ),
      withinMs,
    );
  });
}

test('nobody who serves is no readiness', withPython, async () => {
  const once = `
import os, sys
if os.path.exists('fall'):
    os._exit(7)
${helloApp}`;
  await using stand = await pythonTier({ 'site_app.py': once });
  const { admin, code } = stand;
  code.write('fall', '');
  const [worker] = await stand.serving();
  process.kill(worker?.pid ?? 0, 'SIGKILL');
  await eventually(async () => {
    const ready = await fetch(`${admin}/ready`);
    assert.equal(ready.status, 503);
    assert.match(JSON.stringify(await ready.json()), /1 of 1 workers/);
  }, withinMs);
});

test('a new server takes over at SIGUSR2 with workers of its own, and no request is lost', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '2' });
  const { tier, port } = stand;
  const before = (await stand.serving()).map(({ pid }) => pid);
  await using load = steadyLoad({ port });
  process.kill(stand.pid, 'SIGUSR2');
  const { pid } = await tier.line('listening', 1);
  assert.notEqual(pid, stand.pid);
  assert.equal(await tier.exitCode(), 0);
  await eventually(() => assert.ok([...load.answers.keys()].some((answered) => !before.includes(Number(answered)))));
  await load.stop();
  assert.deepEqual(load.failures, []);
  await eventually(() => assert.deepEqual(before.filter(isAlive), []), withinMs);
});
