// The process as it is run: what it prints, how it ends.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const main = join(import.meta.dirname, 'main.ts');
const usual = {
  APP_LISTEN: '127.0.0.1:0',
  APP_ADMIN_LISTEN: '127.0.0.1:0',
  APP_CHDIR: join(import.meta.dirname, '..'),
};

type Line = {
  readonly msg: string;
  readonly address: string;
  readonly admin: string;
  readonly workers: readonly number[];
};

function run(t: TestContext, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [main], { env: { ...usual, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += chunk;
  });
  /** The first line of the log whose message has these words. */
  const line = (words: string): Promise<Line> =>
    eventually(() => {
      const lines = log.split('\n').slice(0, -1);
      const found = lines.map((text) => JSON.parse(text) as Line).find(({ msg }) => msg.includes(words));
      assert.ok(found, `${JSON.stringify(words)} was not logged`);
      return found;
    }, 20_000);
  return { child, line };
}

async function endOf(child: ChildProcess): Promise<{ code: number; complaint: string }> {
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, complaint };
}

test('it says where it listens whatever the log level, answers, lists its worker, and ends with 0 when told to', async (t) => {
  const { child, line } = run(t, { LOG_LEVEL: 'silent' });
  const { address, admin, workers } = await line('listening');
  assert.equal((await fetch(`${address}/time/raw/`)).status, 200);
  const stats = (await (await fetch(`${admin}/stats`)).json()) as { workers: Record<string, unknown>[] };
  const [worker, ...others] = stats.workers;
  assert.deepEqual([[worker?.pid], worker?.state, worker?.requests, others.length], [workers, 'ready', 1, 0]);
  const told = ['pid', 'state', 'ageSeconds', 'requests', 'rssBytes', 'generation', 'worker'];
  assert.deepEqual(Object.keys(worker ?? {}), told);
  child.kill('SIGTERM');
  assert.deepEqual(await endOf(child), { code: 0, complaint: '' });
});

test('every problem of the settings is told before it ends with 78', async (t) => {
  const { code, complaint } = await endOf(run(t, { APP_RUNTIME: 'ruby', APP_WORKERS: '0', APP_MOUNT: 'x' }).child);
  assert.equal(code, 78);
  for (const name of ['APP_RUNTIME', 'APP_WORKERS', 'APP_MOUNT']) assert.match(complaint, new RegExp(name));
});

test('an application that does not load ends it with 78', async (t) => {
  const { code, complaint } = await endOf(run(t, { APP_APPLICATION: 'none.ts:application' }).child);
  assert.equal(code, 78);
  assert.match(complaint, /APP_APPLICATION: there is no file/);
});

const forgetful = `
import type { Application } from '@trivet/app-backend';

export const application: Application = (environ, start) => {
  Promise.reject(new Error('forgotten'));
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(environ.SERVER_NAME + environ.SERVER_PORT)];
};
`;

test('an application elsewhere on the disk runs on a Unix socket, and outlives a promise that it forgot', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trivet-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'app.ts'), forgetful);
  const socketPath = join(folder, 'app.sock');
  const env = {
    APP_CHDIR: folder,
    APP_APPLICATION: 'app.ts:application',
    APP_LISTEN: `unix:${socketPath}`,
    APP_WORKERS: '2',
  };
  const { child, line } = run(t, env);
  await line('listening');
  for (let i = 0; i < 2; i++) {
    const asked = request({ socketPath, path: '/', headers: { Host: 'example.com:8080' } }).end();
    const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += chunk;
    assert.equal(text, 'example.com8080');
  }
  child.kill('SIGTERM');
  assert.equal((await endOf(child)).code, 0);
});

for (const [what, application, code, said] of [
  ['loads', 'app.js:application', 0, /^app-backend: ok\n$/],
  ['does not load', 'broken.js:application', 78, /^app-backend: .*broken\.js/],
] as const) {
  test(`--check of an application that ${what} ends with ${code}, and serves nothing`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'trivet-check-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'app.js'), 'exports.application = () => [];\n');
    await writeFile(join(folder, 'broken.js'), 'exports.application = ;\n');
    const env = { ...usual, APP_CHDIR: folder, APP_APPLICATION: application };
    const child = spawn(process.execPath, [main, '--check'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const end = await endOf(child);
    assert.equal(end.code, code, end.complaint);
    assert.match(code === 0 ? out : end.complaint, said);
  });
}

test('a static folder that is missing is told by setting, path and what to do; one that is there is served', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'trivet-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a.txt'), 'a');
  const { child } = run(t, { APP_STATIC: `/media/=${folder}/media` });
  const { code, complaint } = await endOf(child);
  assert.equal(code, 78);
  assert.match(complaint, /APP_STATIC: there is no folder \S+\/media: put the files of \/media\/ there/);
  const good = run(t, { APP_STATIC: `/static/=${folder}`, APP_STATIC_MAX_AGE: '60s' });
  const { address } = await good.line('listening');
  const response = await fetch(`${address}/static/a.txt`);
  assert.deepEqual([await response.text(), response.headers.get('cache-control')], ['a', 'public, max-age=60']);
  assert.equal((await fetch(`${address}/time/raw/`)).status, 200);
  assert.equal((await fetch(`${address}/static/gone.txt`)).status, 404);
});

for (const [what, application, codes] of [
  ['loads', 'app.js:application', [0, 0]],
  ['does not load', 'broken.js:application', [1, 1]],
] as const) {
  test(`--check-config and --print-config of an application that ${what} end with ${codes}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'trivet-check-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'app.js'), 'exports.application = () => [];\n');
    await writeFile(join(folder, 'broken.js'), 'exports.application = ;\n');
    const env = { ...usual, APP_CHDIR: folder, APP_APPLICATION: application, APP_PRESET: 'paas', PORT: '0' };
    for (const [at, flag] of ['--check-config', '--print-config'].entries()) {
      const child = spawn(process.execPath, [main, flag], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      t.after(() => child.kill('SIGKILL'));
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      const end = await endOf(child);
      assert.equal(end.code, codes[at], end.complaint);
      assert.match(end.complaint, codes[at] === 0 ? /^$/ : /^app-backend: .*broken\.js/);
      if (flag === '--print-config') assert.match(out, /^APP_IDLE_TIMEOUT=95s +# preset paas$/m);
    }
  });
}

test('settings that are wrong end --check-config with 1', async (t) => {
  const child = spawn(process.execPath, [main, '--check-config'], { env: { APP_WORKERS: '0' }, stdio: 'pipe' });
  t.after(() => child.kill('SIGKILL'));
  assert.equal((await endOf(child)).code, 1);
});
