// `docker stop` of the application tier while it is busy: what has begun is answered to its end, and it ends well in time.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { stopLoad } from '@trivet/kit/testing/stop-load.ts';
import { noDocker } from './topologies/docker.ts';
import { repository } from './topologies/user-files.ts';

const port = 8000;
/** Clients that ask without a pause, of each kind (on a new connection each time, and on one that is kept), and those that are in the middle of a longer answer. */
const askers = 8;
const readers = 6;
const graceSeconds = 20;
const skip = noDocker() ?? false;

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args, { cwd: repository, maxBuffer: 2 ** 26 })).stdout.trim();
}

/** A container of this target as compose would run it, but for a process 1 beside the tier: it is process 1 itself. */
async function container(target: string) {
  await docker('build', '--quiet', '--target', target, '--tag', `trivet/${target}`, '.');
  const safe = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];
  const settings = ['LOG_LEVEL=info', 'APP_WORKERS=2', 'APP_THREADS=8'].flatMap((setting) => ['--env', setting]);
  const id = await docker('run', '--detach', ...safe, ...settings, `trivet/${target}`);
  const inspect = (format: string) => docker('inspect', '--format', format, id);
  return {
    inspect,
    host: await inspect('{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'),
    stop: () => docker('stop', '--time', String(graceSeconds), id),
    log: () => docker('logs', id),
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', '--volumes', id);
    },
  };
}

/** See `kit/testing/stopped-under-load.ts`: let in by the system when the socket was closed already. */
const mostUntouched = 1;

type Ended = 'refused' | 'whole' | 'untouched' | 'cut';

/** One request on a connection of its own; `untouched` is one that closed before a byte of an answer. */
async function exchange(host: string, target: string, onData?: (text: string) => void): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const socket = connect(port, host);
  let received = '';
  let isConnected = false;
  socket.on('connect', () => {
    isConnected = true;
    socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  });
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    onData?.(received);
  });
  // Whatever breaks it, the close that follows tells what came.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    if (received !== '') return resolve(isWhole(received) ? 'whole' : 'cut');
    return resolve(isConnected ? 'untouched' : 'refused');
  });
  return await promise;
}

function isWhole(received: string): boolean {
  const [head = '', body = ''] = received.split('\r\n\r\n');
  const length = /^Content-Length: (\d+)$/im.exec(head)?.[1];
  const hasAll = length === undefined ? received.endsWith('\r\n0\r\n\r\n') : body.length === Number(length);
  return head.startsWith('HTTP/1.1 200 OK\r\n') && hasAll;
}

/** Begins an answer that takes two seconds, and says how it ended. */
async function readOn(host: string): Promise<{ readonly ended: Promise<Ended> }> {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const ended = exchange(host, '/events?count=11&interval=200ms', (text) => text.includes('id: 1\n') && resolve());
  await begun;
  return { ended };
}

for (const target of ['app-backend', 'app-backend-python']) {
  test(`docker stop of a busy ${target} loses no request, and ends it in time with 0`, { skip }, async () => {
    await using running = await container(target);
    const { host } = running;
    await eventually(async () => assert.equal(await exchange(host, '/script'), 'whole'), 30_000);
    const load = stopLoad({ host, port }, { fresh: askers, kept: askers, target: '/script?delay=30ms&body=2000' });
    const reading = await Promise.all(Array.from({ length: readers }, () => readOn(host)));
    const since = performance.now();
    await running.stop();
    const seconds = (performance.now() - since) / 1000;
    await load.over;
    const read = await Promise.all(reading.map(({ ended }) => ended));
    const log = await running.log();
    assert.equal(await running.inspect('{{.State.ExitCode}} {{.State.OOMKilled}}'), '0 false', log);
    assert.ok(seconds < graceSeconds / 2, `it took ${seconds} s`);
    assert.deepEqual(
      read,
      Array.from({ length: readers }, () => 'whole'),
    );
    const { whole, left, untouched, ...others } = load.ends;
    assert.deepEqual(others, { refused: 2 * askers, cut: 0, odd: 0 }, JSON.stringify({ whole, left }));
    assert.ok(untouched <= mostUntouched, `${untouched} were let in and not answered`);
    // What the clients have got is what the tier has taken.
    const taken = log.split('\n').filter((line) => line.includes('"/script?delay=30ms'));
    assert.equal(taken.length, whole);
    assert.ok(whole > askers);
  });
}
