// A process of the tier that another one has started as its worker, as the front does with `daemon:`.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { postVariable, writePost } from '@trivet/kit/process/workers/post.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { pythonFolder, withPython } from './src/testing/python.ts';
import { appMain, helloApp, pythonEnv, type Stats } from './src/testing/python-tier.ts';

async function textOf(socketPath: string, path = '/'): Promise<string> {
  const [response] = (await once(request({ socketPath, path }).end(), 'response')) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString();
}

test(
  'a worker of another process has one Python worker, and both end when that process is gone',
  withPython,
  async (t) => {
    await using code = pythonFolder({ 'site_app.py': helloApp });
    const folder = mkdtempSync(join(tmpdir(), 'trivet-under-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const [socket, admin] = [join(folder, 'app.sock'), join(folder, 'admin.sock')];
    const { PATH = '' } = process.env;
    const post = { TRIVET_TUNED: '1', [postVariable]: writePost({ number: 1, of: 1, admin }) };
    const env = { PATH, ...pythonEnv(code.folder), APP_WORKERS: '3', APP_LISTEN: `unix:${socket}`, ...post };
    const child = fork(appMain, [], { execArgv: [], env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    t.after(() => child.kill('SIGKILL'));
    const said: unknown[] = [];
    child.on('message', (message) => said.push(message));
    await eventually(() => assert.match(JSON.stringify(said), /"trivet":"ready"/), 20_000);
    assert.equal(await textOf(socket), 'hello');
    const { workers, forkServers } = JSON.parse(await textOf(admin, '/stats')) as Stats;
    assert.equal(workers.length, 1);
    const ended = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
    const pids = [...workers, ...forkServers].map(({ pid }) => pid);
    await eventually(() => assert.deepEqual(pids.filter(isAlive), []));
  },
);
