// Python applications in the app tier as it is run: what they answer, what is told of them, what keeps them from starting.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from '@trivet/kit/testing/program-run.ts';
import { pythonFolder, withPython } from './src/testing/python.ts';
import { appMain, eventuallySaid, helloApp, pythonEnv, pythonTier } from './src/testing/python-tier.ts';

const variousApp = `
import os, sys, time

def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/raise':
        raise RuntimeError('this went wrong')
    if path == '/exit':
        sys.exit(3)
    if path == '/stream':
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return stream(environ['QUERY_STRING'])
    print('on standard output')
    print('{"level":"info","msg":"a record of its own","n":1}')
    environ['wsgi.errors'].write('on wsgi.errors\\n')
    body = environ['wsgi.input'].read()
    start_response('200 OK', [('Content-Type', 'text/plain'), ('X-Threads', str(environ['wsgi.multithread']))])
    return [environ['REQUEST_METHOD'].encode(), b' ', body]

def stream(gate):
    yield b'first'
    while not os.path.exists(gate):
        time.sleep(0.01)
    yield b'second'
`;

test('a Python application is asked, streams, fails, and prints into the log', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': variousApp }, { APP_THREADS: '2' });
  const { url, code } = stand;
  const posted = await fetch(`${url}/`, { method: 'POST', body: 'x'.repeat(100_000) });
  assert.equal(await posted.text(), `POST ${'x'.repeat(100_000)}`);
  assert.equal(posted.headers.get('x-threads'), 'True');
  await eventuallySaid(stand, /"from":"stdout","worker":1,"workerPid":\d+,"msg":"on standard output"/);
  await eventuallySaid(stand, /^\{"level":"info","msg":"a record of its own","n":1\}$/m);
  await eventuallySaid(stand, /"msg":"on wsgi.errors"/);
  for (const path of ['/raise', '/exit']) assert.equal((await fetch(url + path)).status, 500);
  const gate = join(code.folder, 'gate');
  const streamed = (await fetch(`${url}/stream?${gate}`)).body?.getReader();
  assert.equal(Buffer.from((await streamed?.read())?.value ?? []).toString(), 'first');
  code.write('gate', '');
  assert.equal(Buffer.from((await streamed?.read())?.value ?? []).toString(), 'second');
  assert.equal((await streamed?.read())?.done, true);
});

test('stats and metrics tell of workers, slots and the queue', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '2', APP_THREADS: '3' });
  const { url, admin } = stand;
  await fetch(url);
  assert.deepEqual(await (await fetch(`${admin}/ready`)).json(), { ready: true });
  const { workers, arbiter, queue } = await stand.stats();
  assert.deepEqual(
    workers.map(({ worker, state, slots }) => [worker, state, slots]),
    [1, 2].map((worker) => [worker, 'idle', { busy: 0, of: 3 }]),
  );
  assert.ok(workers.every(({ pid, rssBytes }) => pid > 0 && rssBytes > 1_000_000));
  assert.equal(
    workers.reduce((sum, { requests }) => sum + requests, 0),
    1,
  );
  assert.deepEqual([arbiter.generation, queue.length], [1, 0]);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  for (const line of [
    /^trivet_app_slots_busy\{.*\} 0$/m,
    /^trivet_app_slots_idle\{.*\} 6$/m,
    /^trivet_app_queue_length\{.*\} 0$/m,
    /^trivet_app_queue_wait_seconds_count\{.*\} 1$/m,
    /^trivet_app_workers\{state="ready".*\} 2$/m,
  ]) {
    assert.match(metrics, line);
  }
});

for (const [what, env, complaint] of [
  ['an application that is not there', { APP_APPLICATION: 'nowhere:app' }, /No module named 'nowhere'/],
  ['a callable that is not there', { APP_APPLICATION: 'site_app:nothing' }, /nothing/],
  ['an application that cannot be imported', { APP_APPLICATION: 'broken' }, /ZeroDivisionError: division by zero/],
  ['a preloaded one', { APP_APPLICATION: 'broken', APP_PRELOAD: 'on' }, /ZeroDivisionError: division by zero/],
  [
    'a Python that is not there',
    { APP_PYTHON: '/nowhere/python3' },
    /APP_PYTHON: there is no program \/nowhere\/python3/,
  ],
  ['a Python that is none', { APP_PYTHON: '/bin/true' }, /APP_PYTHON: \/bin\/true does not behave as Python does/],
  ['a folder that is not there', { APP_CHDIR: '/nowhere' }, /APP_CHDIR: there is no folder \/nowhere/],
  ['a name that is none', { APP_APPLICATION: 'app.py:' }, /APP_APPLICATION: "app.py:" is not MODULE:CALLABLE/],
] as const) {
  test(`${what} ends it with 78 before it listens, and so does --check`, withPython, async () => {
    await using code = pythonFolder({ 'site_app.py': helloApp, 'broken.py': '1 / 0\n' });
    for (const args of [[], ['--check']]) {
      await using run = runProgram([appMain, ...args], { ...pythonEnv(code.folder), ...env });
      assert.deepEqual(await run.ended, [78, null], run.told.complaints);
      assert.match(run.told.complaints, complaint);
      assert.doesNotMatch(run.told.out, /listening/);
    }
  });
}

test('--check of an application that loads ends with 0, and serves nothing', withPython, async () => {
  await using code = pythonFolder({ 'site_app.py': helloApp });
  await using run = runProgram([appMain, '--check'], pythonEnv(code.folder));
  assert.deepEqual(await run.ended, [0, null], run.told.complaints);
  assert.equal(run.told.out, 'app-backend: ok\n');
});

test('a factory makes the application, and hooks are called in the worker', withPython, async () => {
  const factory = `${helloApp}
def make_app():
    return application
`;
  const hooks = `
def post_fork(worker):
    print('forked', worker.id, flush=True)
`;
  await using stand = await pythonTier(
    { 'site_app.py': factory, 'site_hooks.py': hooks },
    { APP_APPLICATION: 'site_app:make_app()', APP_HOOKS: 'site_hooks' },
  );
  assert.equal(await (await fetch(stand.url)).text(), 'hello');
  await eventuallySaid(stand, /"msg":"forked 1"/);
});

test('secrets and what is the server’s own are not in the environment of the application', withPython, async () => {
  const env = `
import os
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [' '.join(sorted(os.environ)).encode()]
`;
  await using stand = await pythonTier(
    { 'site_app.py': env },
    {
      ...{ APP_ADMIN_TOKEN: 'secret', DATABASE_URL: 'x', TRIVET_TUNED: '0' },
    },
  );
  const names = (await (await fetch(stand.url)).text()).split(' ');
  assert.ok(names.includes('DATABASE_URL'));
  assert.deepEqual(
    names.filter((name) => /TOKEN|^TRIVET/.test(name)),
    [],
  );
});
