import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { appSaying, type DaemonStats, EmbeddedFront, load } from '../testing/embedded-front.ts';

const pidsOf = ({ workers }: DaemonStats) => workers.map(({ pid }) => pid);
const allReady = (count: number, generation: number) => (stats: DaemonStats) => {
  assert.deepEqual(
    stats.workers.map((worker) => [worker.state, worker.generation]),
    Array.from({ length: count }, () => ['ready', generation]),
  );
};

describe('a front that runs the app itself', () => {
  test('starts as many processes as were asked for, in a folder that is nobody else’s, and shares requests out', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => front.ask('/?ms=50')));
    const stats = await front.stats();
    allReady(2, 1)(stats);
    assert.deepEqual([...new Set(answers.map(({ pid }) => pid))].toSorted(), pidsOf(stats).toSorted());
    const folder = dirname(String(stats.workers[0]?.address).slice('unix:'.length));
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.equal((await fetch(`${front.admin}/ready`)).status, 200);
    front.child.kill('SIGTERM');
    assert.equal(await front.exitCode(), 0);
    assert.equal(pidsOf(stats).some(isAlive), false);
    assert.deepEqual(
      (await readdir(front.folder)).filter((name) => name.startsWith('trivet-app')),
      [],
    );
  });

  test('gives each no more at once than it has slots; the others wait', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2', FRONT_DAEMON_SLOTS: '2' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => front.ask('/?ms=30')));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(Math.max(...answers.map(({ atOnce }) => atOnce)), 2);
  });

  for (const [count, said] of [
    ['1', 'false'],
    ['2', 'true'],
  ] as const) {
    test(`tells the application whether it is one of several: ${count} of them, wsgi.multiprocess is ${said}`, async () => {
      const says = `export function* application(environ, startResponse) {
        startResponse('200 OK', [['Content-Type', 'text/plain']]);
        yield Buffer.from(String(environ['wsgi.multiprocess']));
      }`;
      await using front = await EmbeddedFront.start(says, { APP_WORKERS: count });
      assert.equal((await front.ask()).word, said);
    });
  }

  test('replaces one that is killed at once; no GET is lost, since another lives', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2' });
    const before = pidsOf(await front.stats());
    await using running = load(front, '/?ms=5', 8);
    for (const pid of before) {
      process.kill(pid, 'SIGKILL');
      await front.settles((stats) => {
        allReady(2, 1)(stats);
        assert.ok(!pidsOf(stats).includes(pid));
      });
    }
    assert.deepEqual(await running.stop(), []);
    const { ends, lastEnd } = await front.stats();
    assert.deepEqual([ends, lastEnd?.why], [{ crashed: 2 }, 'SIGKILL']);
    assert.match(
      await (await fetch(`${front.admin}/metrics`)).text(),
      /^trivet_daemon_ends_total\{reason="crashed",.*\} 2$/m,
    );
  });

  test('lets requests wait for the one that replaces the only one', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'));
    const [pid = 0] = pidsOf(await front.stats());
    process.kill(pid, 'SIGKILL');
    await front.settles(({ workers }) => assert.ok(workers.every((worker) => worker.pid !== pid)));
    const said = await front.ask();
    assert.deepEqual([said.status, said.word], [200, 'one']);
  });

  for (const workers of ['1', '2']) {
    test(`loses no GET when the only one is killed under load, with ${workers} of the front`, async () => {
      await using front = await EmbeddedFront.start(appSaying('one'), { FRONT_WORKERS: workers });
      const [pid = 0] = pidsOf(await front.stats());
      await using running = load(front, '/?ms=10', 16);
      await eventually(() => assert.ok((running.words.get('one') ?? 0) > 50));
      process.kill(pid, 'SIGKILL');
      await front.settles((stats) => {
        allReady(1, 1)(stats);
        assert.notEqual(pidsOf(stats)[0], pid);
      });
      assert.deepEqual(await running.stop(), []);
    });
  }

  test('waits for the next one with probes in the site, too: they are for apps that are elsewhere', async () => {
    const app = `${appSaying('one')}
      export default { routes: [{ path: '/', proxy: 'app' }], upstreams: { app: { probe: { interval: '1s', window: 1, threshold: 1 } } } };`;
    await using front = await EmbeddedFront.begin(app, {
      APP_APPLICATION: './app.ts:application',
      FRONT_SITE: 'app.ts',
    });
    await front.listens();
    await using running = load(front, '/?ms=10', 8);
    const [pid = 0] = pidsOf(await front.stats());
    await eventually(() => assert.ok((running.words.get('one') ?? 0) > 20));
    process.kill(pid, 'SIGKILL');
    await front.settles((stats) => assert.notEqual(pidsOf(stats)[0] ?? pid, pid));
    assert.deepEqual(await running.stop(), []);
  });

  test('replaces one that hangs', async () => {
    const hangs = `${appSaying('one')}
      export const mounts = { '/hang': () => { for (;;); } };`;
    await using front = await EmbeddedFront.start(hangs, { APP_TIMEOUT: '1s' });
    const hung = front.ask('/hang');
    hung.catch(() => undefined);
    await front.settles(({ ends }) => assert.equal(ends.hung, 1));
    assert.notEqual((await hung).status, 200);
    assert.equal((await front.ask()).status, 200);
  });

  test('leaves nobody behind when it is killed itself', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2' });
    const pids = pidsOf(await front.stats());
    front.child.kill('SIGKILL');
    await eventually(() => assert.equal(pids.some(isAlive), false), 20_000);
    assert.deepEqual(
      (await readdir(front.folder)).filter((name) => name.startsWith('trivet-app')),
      [],
    );
  });

  test('leaves nobody behind when it is killed while they are being started', async () => {
    await using front = await EmbeddedFront.begin('await new Promise(() => setInterval(() => undefined, 1e6));');
    const pids = await eventually(async () => {
      const found = await childrenOf(Number(front.child.pid));
      assert.ok(found.length > 0);
      return found;
    }, 20_000);
    front.child.kill('SIGKILL');
    await eventually(() => assert.equal(pids.some(isAlive), false), 20_000);
  });

  test('answers what it has before it ends, then ends them', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'));
    const asked = front.ask('/?ms=500');
    await eventually(async () => {
      const answer = await fetch(`${front.admin}/stats`);
      const { upstreams } = (await answer.json()) as { upstreams: { app: { addresses: { inFlight: number }[] } } };
      assert.equal(upstreams.app.addresses[0]?.inFlight, 1);
    });
    front.child.kill('SIGTERM');
    assert.equal((await asked).status, 200);
    assert.equal(await front.exitCode(), 0);
  });
});

async function childrenOf(parent: number): Promise<number[]> {
  const text = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
