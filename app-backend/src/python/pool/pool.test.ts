import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SettingsProblem } from '@trivet/kit/process/settings.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { python, pythonFolder, withPython } from '../../testing/python.ts';
import type { SlotSource } from '../seam.ts';
import { type PoolOptions, PythonPool } from './pool.ts';

const good = 'def application(environ, start_response): return []\n';
const shim = fileURLToPath(new URL('../../../python/trivet_worker.py', import.meta.url));
const withinMs = 20_000;

/** Slots that nobody asks anything on. */
function idleSlots() {
  const slots = new Map<number, Socket[]>();
  const source: SlotSource = {
    add({ id }, socket) {
      slots.set(id, [...(slots.get(id) ?? []), socket]);
      socket.on('data', () => undefined).on('error', () => undefined);
    },
    retire: async () => undefined,
    inFlightOf: () => [],
    setHopeless: () => undefined,
    numbers: {
      ...{ busy: 0, idle: 0, queued: 0, mostQueued: 0, full: 0, late: 0 },
      queueWait: { bounds: [], cumulative: () => [0], sum: () => 0 },
    },
  };
  return { slots, source };
}

type Wishes = Partial<Pick<PoolOptions, 'wanted' | 'wear' | 'timeoutMs' | 'python'>> & {
  readonly preload?: boolean;
  readonly threads?: number;
  readonly hooks?: string;
};

async function aPool(files: Readonly<Record<string, string>>, wishes: Wishes = {}) {
  const code = pythonFolder(files);
  const folder = mkdtempSync(join(tmpdir(), 'trivet-pool-'));
  const lines: string[] = [];
  const { slots, source } = idleSlots();
  const { preload = false, threads = 1, hooks = '', wanted = 1 } = wishes;
  const log = { ...silentLog, info: (_: unknown, text: string) => void lines.push(text) } as typeof silentLog;
  const pool = new PythonPool({
    ...{ python, shim, folder, log, wanted, timeoutMs: 0 },
    env: process.env,
    configure: {
      ...{ application: 'site_app:application', chdir: code.folder, threads, workers: wanted, preload, hooks },
      ...{ multiprocess: wanted > 1, name: 'test' },
    },
    limits: { startupMs: 20_000, gracefulMs: 5_000 },
    wear: { maxRequests: 0, maxRequestsJitter: 0, maxAgeMs: 0, maxRssBytes: 0 },
    relay: (line) => void lines.push(line),
    ...wishes,
  });
  pool.follow(source);
  return {
    ...{ pool, code, lines, slots },
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await code[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const pidsOf = (pool: PythonPool) => pool.members.map(({ pid }) => pid);

test(
  'workers come up with all of their slots, print into the log, and are gone with the pool',
  withPython,
  async () => {
    const stand = await aPool({ 'site_app.py': `print('hello from here')\n${good}` }, { wanted: 2, threads: 3 });
    const { pool, slots, lines } = stand;
    await pool.start();
    await eventually(() =>
      assert.deepEqual(
        [...slots.values()].map(({ length }) => length),
        [3, 3],
      ),
    );
    await eventually(() => assert.equal(lines.filter((line) => line === 'hello from here').length, 2));
    const pids = pidsOf(pool);
    assert.equal(pool.readiness, true);
    assert.ok(pool.members.every(({ rssBytes }) => rssBytes > 1_000_000));
    await stand[Symbol.asyncDispose]();
    assert.deepEqual(pids.map(isAlive), [false, false]);
  },
);

for (const preload of [false, true]) {
  test(`an application that does not load is a problem of the user, preload ${preload}`, withPython, async () => {
    await using stand = await aPool({ 'site_app.py': 'import missing_module\n' }, { preload });
    await assert.rejects(stand.pool.start(), (error) => {
      return error instanceof SettingsProblem && /missing_module/.test(error.message);
    });
  });

  test(`a reload brings other code, and broken code changes nothing, preload ${preload}`, withPython, async () => {
    await using stand = await aPool({ 'site_app.py': good }, { preload });
    const { pool, code } = stand;
    await pool.start();
    const [first] = pidsOf(pool);
    code.write('site_app.py', 'raise RuntimeError("no good")\n');
    const refused = await pool.reload('test');
    assert.equal(refused.verdict, 'refused');
    assert.match(refused.verdict === 'refused' ? refused.why : '', /RuntimeError: no good/);
    assert.deepEqual(pidsOf(pool), [first]);
    code.write('site_app.py', `# other\n${good}`);
    assert.equal((await pool.reload('test')).verdict, 'reloaded');
    await eventually(() => assert.equal(pool.members.length, 1));
    assert.notEqual(pidsOf(pool)[0], first);
  });
}

test('why it does not load is known also where its end is heard before its connections', withPython, async () => {
  await using stand = await aPool({ 'site_app.py': 'print("last words")\nimport missing_module\n' });
  // All that a worker does from its first to its last happens within one turn of this loop.
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const slowness = setInterval(() => Atomics.wait(nobody, 0, 0, 200), 1);
  try {
    await assert.rejects(stand.pool.start(), (error) => {
      return error instanceof SettingsProblem && /missing_module/.test(error.message);
    });
    assert.deepEqual(stand.lines, ['last words']);
  } finally {
    clearInterval(slowness);
  }
});

test('one that is killed is replaced, and it is known how it ended', withPython, async () => {
  await using stand = await aPool({ 'site_app.py': good });
  const { pool } = stand;
  await pool.start();
  const [member] = pool.members;
  assert.ok(member !== undefined);
  process.kill(member.pid, 'SIGKILL');
  assert.equal(await member.howEnded, 'SIGKILL');
  await eventually(() => assert.equal(pool.readiness, true), withinMs);
  await eventually(() => assert.notEqual(pidsOf(pool)[0], member.pid), withinMs);
  assert.equal(await pool.howEnded(member.id), 'SIGKILL');
  assert.deepEqual(pool.ends, { crashed: 1 });
  assert.match(JSON.stringify(pool.stats.arbiter.lastEnd), /SIGKILL/);
});

test('when the fork server is killed, its workers are replaced by those of another', withPython, async () => {
  await using stand = await aPool({ 'site_app.py': good }, { wanted: 2 });
  const { pool } = stand;
  await pool.start();
  const before = pidsOf(pool);
  const [forkServer] = pool.stats.forkServers;
  process.kill(forkServer?.pid ?? 0, 'SIGKILL');
  await eventually(() => {
    assert.deepEqual(before.map(isAlive), [false, false]);
    assert.equal(pool.members.length, 2);
    assert.ok(pool.members.every(({ state }) => state === 'ready'));
  }, withinMs);
});

test('a worker that hangs says where, and is replaced', withPython, async () => {
  const stuck = `
import threading, time, ctypes
def hold():
    time.sleep(0.5)
    # With the lock of the interpreter held.
    ctypes.PyDLL(None).sleep(600)
threading.Thread(target=hold, daemon=True).start()
${good}`;
  await using stand = await aPool({ 'site_app.py': stuck }, { timeoutMs: 1_000 });
  const { pool } = stand;
  await pool.start();
  const [member] = pool.members;
  assert.ok(member !== undefined);
  await member.howEnded;
  assert.match(member.lastErrors.join('\n'), /site_app\.py", line \d+ in hold/);
  assert.ok((pool.ends.timeout ?? 0) >= 1 || (await eventually(() => assert.ok(pool.ends.timeout))) === undefined);
});

test('after so many requests a worker is replaced', withPython, async () => {
  const wear = { maxRequests: 3, maxRequestsJitter: 0, maxAgeMs: 0, maxRssBytes: 0 };
  await using stand = await aPool({ 'site_app.py': good }, { wear });
  const { pool } = stand;
  await pool.start();
  const [member] = pool.members;
  assert.ok(member !== undefined);
  for (let i = 0; i < 2; i++) pool.onServed(member.id);
  assert.equal(member.tired, undefined);
  pool.onServed(member.id);
  assert.equal(member.tired, 'max-requests');
  assert.equal(await member.howEnded, 'exit code 0');
  await eventually(() => assert.deepEqual([pool.ends['max-requests'], pool.members.length], [1, 1]));
});

test('a Python that is not there keeps nobody waiting', withPython, async () => {
  await using stand = await aPool({ 'site_app.py': good }, { python: '/nowhere/python3' });
  await stand.pool.start();
  assert.notEqual(stand.pool.readiness, true);
});
