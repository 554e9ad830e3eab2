// The app server at several addresses, as it is run: over TCP and Unix sockets, in both runtimes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { holdSocket } from '@trivet/kit/process/held-socket.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { SpawnedTier } from '@trivet/kit/testing/spawned-tier.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { stoppedUnderLoad } from '@trivet/kit/testing/stopped-under-load.ts';
import { type PythonFolder, pythonFolder, withPython } from './src/testing/python.ts';
import { appMain, pythonEnv } from './src/testing/python-tier.ts';

const withinMs = 30_000;

/** Each answers with what it is told of where it is, as JSON. */
const inNode = `
export async function* application(environ, startResponse) {
  const told = ['SERVER_NAME', 'SERVER_PORT', 'REMOTE_ADDR', 'trivet.peer_addr'].map((name) => environ[name]);
  startResponse('200 OK', [['Content-Type', 'application/json'], ['X-Pid', String(process.pid)]]);
  yield Buffer.from(JSON.stringify(told));
}
`;
const inPython = `
import json, os

def application(environ, start_response):
    told = [environ[name] for name in ('SERVER_NAME', 'SERVER_PORT', 'REMOTE_ADDR', 'trivet.peer_addr')]
    start_response('200 OK', [('Content-Type', 'application/json'), ('X-Pid', str(os.getpid()))])
    return [json.dumps(told).encode()]
`;

type Environment = Readonly<Record<string, string>>;

const runtimes = {
  node: (folder: string): Environment => ({
    ...pythonEnv(folder),
    ...{ APP_RUNTIME: 'node', APP_APPLICATION: 'app.ts:application' },
  }),
  python: (folder: string): Environment => pythonEnv(folder),
} as const;

/** A folder with both applications, and what the tier is started with. */
function site(runtime: keyof typeof runtimes, listen: (folder: string) => string) {
  const code: PythonFolder = pythonFolder({ 'app.ts': inNode, 'site_app.py': inPython });
  const { folder } = code;
  const env: Environment = {
    ...{ ...runtimes[runtime](folder), APP_LISTEN: listen(folder), APP_WORKERS: '2' },
    ...{ LOG_SKIP: '/*', TMPDIR: folder },
  };
  return { folder, env, [Symbol.asyncDispose]: () => code[Symbol.asyncDispose]() };
}

type Place = { readonly port: number } | { readonly socketPath: string };

function placeOf(address = ''): Place {
  if (address.startsWith('unix:')) return { socketPath: address.slice('unix:'.length) };
  return { port: Number(new URL(address).port) };
}

/** What an application is told that is asked there. */
async function told(place: Place, method = 'GET'): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const headers = { Host: 'example.org:81', Connection: 'close' };
  const asking = request({ host: '127.0.0.1', ...place, method, headers, agent: false }, async (response) => {
    resolve(JSON.parse(Buffer.concat((await response.toArray()) as Buffer[]).toString()));
  });
  asking.once('error', reject).end();
  return await promise;
}

const tcpTwice = () => '127.0.0.1:0,127.0.0.1:0';
const both = (folder: string) => `127.0.0.1:0,unix:${join(folder, 's')}`;

for (const runtime of ['node', 'python'] as const) {
  const how = runtime === 'python' ? withPython : {};
  describe(`the app server (${runtime}) at several addresses`, { concurrency: 1, ...how }, () => {
    test('serves two of TCP, and tells the application by which it was asked', async () => {
      await using stand = site(runtime, tcpTwice);
      await using tier = new SpawnedTier(stand.env, { program: appMain });
      const { address, addresses = [] } = await tier.line('listening');
      assert.equal(tier.lines('listening').length, 1);
      const [first = '', second = ''] = addresses;
      assert.deepEqual([addresses.length, address], [2, first]);
      assert.notEqual(first, second);
      for (const url of [first, second]) {
        const { port } = new URL(url);
        // Each lane has its own way to the application.
        for (const method of ['GET', 'POST']) {
          assert.deepEqual(await told(placeOf(url), method), ['127.0.0.1', port, '127.0.0.1', '127.0.0.1']);
        }
      }
      tier.child.kill('SIGTERM');
      assert.equal(await tier.exitCode(), 0);
    });

    test('serves TCP and a Unix socket of the mode that is set, whose file is gone at the end', async () => {
      await using stand = site(runtime, both);
      const path = join(stand.folder, 's');
      await using tier = new SpawnedTier({ ...stand.env, APP_SOCKET_MODE: '640' }, { program: appMain });
      const { addresses = [] } = await tier.line('listening');
      const [tcp = '', unix] = addresses;
      assert.equal(unix, `unix:${path}`);
      assert.equal(statSync(path).mode & 0o777, 0o640);
      assert.deepEqual(await told(placeOf(unix)), ['example.org', '81', '', 'unix']);
      assert.deepEqual(await told(placeOf(tcp)), ['127.0.0.1', new URL(tcp).port, '127.0.0.1', '127.0.0.1']);
      tier.child.kill('SIGTERM');
      assert.deepEqual([await tier.exitCode(), existsSync(path)], [0, false]);
    });

    test('takes over a Unix socket that a dead server left behind', async () => {
      await using stand = site(runtime, both);
      const path = join(stand.folder, 's');
      {
        await using dead = new SpawnedTier(stand.env, { program: appMain });
        await dead.line('listening');
      }
      assert.ok(existsSync(path));
      await using tier = new SpawnedTier(stand.env, { program: appMain });
      await tier.line('listening');
      assert.equal((await told({ socketPath: path }))[3], 'unix');
    });

    test('does not start where it cannot listen at some of them, and says so of each', async () => {
      await using taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const listen = (folder: string) => `127.0.0.1:0,127.0.0.1:${port},unix:${folder}/no/s,unix:${folder}/s`;
      await using stand = site(runtime, listen);
      await using tier = new SpawnedTier(stand.env, { program: appMain });
      assert.equal(await tier.exitCode(), 1);
      await eventually(() =>
        assert.deepEqual(tier.complaints.trim().split('\n'), [
          `app-backend: APP_LISTEN: 127.0.0.1:${port} is in use; stop what listens there, or choose another address`,
          `app-backend: APP_LISTEN: unix:${stand.folder}/no/s: there is no folder ${stand.folder}/no`,
        ]),
      );
      assert.equal(existsSync(join(stand.folder, 's')), false);
    });

    test('serves all sockets that a service manager passes, and gives none of them to the application', async () => {
      await using stand = site(runtime, () => '127.0.0.1:1');
      const path = join(stand.folder, 's');
      using tcp = await holdSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 });
      using unix = await holdSocket({ kind: 'unix', path });
      const fds = [tcp.fd, unix.fd];
      await using tier = new SpawnedTier(stand.env, { program: appMain, fds });
      const { port } = tcp.address as { port: number };
      const { addresses = [], admin } = await tier.line('listening');
      // The system knows a socket by the name that it was first given.
      const [first, second = ''] = addresses;
      assert.deepEqual(
        [addresses.length, first, second.startsWith(`unix:${stand.folder}/`)],
        [2, `http://127.0.0.1:${port}`, true],
      );
      assert.deepEqual(await told({ port }), ['127.0.0.1', String(port), '127.0.0.1', '127.0.0.1']);
      assert.deepEqual(await told({ socketPath: path }), ['example.org', '81', '', 'unix']);
      if (runtime === 'python') await noneInherited(admin, fds);
      tier.child.kill('SIGTERM');
      assert.deepEqual([await tier.exitCode(), existsSync(path)], [0, true]);
    });

    test('reloads at SIGHUP under load on each, and fails no request', async () => {
      await using stand = site(runtime, both);
      await using tier = new SpawnedTier(stand.env, { program: appMain });
      const { addresses = [], pid } = await tier.line('listening');
      const loads = addresses.map((address) => steadyLoad(placeOf(address)));
      await eventually(() => assert.ok(loads.every(({ answers }) => answers.size > 0)));
      const before = loads.map(({ answers }) => [...answers.keys()]);
      process.kill(pid, 'SIGHUP');
      await eventually(() => {
        for (const [at, { answers }] of loads.entries()) {
          assert.ok(
            [...answers.keys()].some((answered) => !before.some((own) => own.includes(answered))),
            `${at}`,
          );
        }
      }, withinMs);
      await Promise.all(loads.map((load) => load.stop()));
      assert.deepEqual(
        loads.flatMap(({ failures }) => failures),
        [],
      );
    });

    test('hands all of them over at SIGUSR2, twice, and fails no request', async () => {
      await using stand = site(runtime, both);
      await using tier = new SpawnedTier(stand.env, { program: appMain });
      const { addresses = [], pid } = await tier.line('listening');
      const loads = addresses.map((address) => steadyLoad(placeOf(address)));
      let last = pid;
      for (const round of [1, 2]) {
        process.kill(last, 'SIGUSR2');
        const next = await tier.line('listening', round);
        assert.deepEqual(next.addresses, addresses);
        const gone = last;
        await eventually(() => assert.equal(isAlive(gone), false), withinMs);
        last = next.pid;
      }
      await Promise.all(loads.map((load) => load.stop()));
      assert.deepEqual(
        loads.flatMap(({ failures }) => failures),
        [],
      );
      for (const address of addresses) assert.equal((await told(placeOf(address))).length, 4);
      process.kill(last, 'SIGTERM');
      await eventually(() => assert.equal(isAlive(last), false), withinMs);
      assert.equal(existsSync(join(stand.folder, 's')), false);
      for (const address of addresses) await assert.rejects(told(placeOf(address)), /ECONNREFUSED|ENOENT/);
    });

    test('stopped under load on each, answers all that is asked', async () => {
      for (const listen of [tcpTwice, both]) {
        await using stand = site(runtime, listen);
        await stoppedUnderLoad({ program: appMain, env: stand.env, clients: 4 });
      }
    });
  });
}

/** The listening sockets are the server's alone: who keeps one open would keep clients waiting. */
async function noneInherited(admin: string, fds: readonly number[]): Promise<void> {
  const held = new Set(fds.map((fd) => readlinkSync(`/proc/self/fd/${fd}`)));
  const stats = (await (await fetch(`${admin}/stats`)).json()) as { readonly workers: readonly { pid: number }[] };
  assert.ok(stats.workers.length > 0);
  for (const { pid } of stats.workers) {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    assert.deepEqual(
      open.filter((one) => held.has(one)),
      [],
    );
  }
}
