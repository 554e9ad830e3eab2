import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { appSaying, EmbeddedFront, load } from '../testing/embedded-front.ts';

const generationIs = (generation: number) => (stats: { workers: readonly { state: string; generation: number }[] }) => {
  for (const worker of stats.workers) assert.deepEqual([worker.state, worker.generation], ['ready', generation]);
};

describe('the app that the front runs is reloaded', () => {
  test('when its file is written: one process after another, and no request of any kind is lost', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2' });
    await using gets = load(front, '/?ms=5', 4);
    await using posts = load(front, '/?ms=5', 4, 'POST');
    for (const [at, word] of ['two', 'three'].entries()) {
      await front.deploy(appSaying(word));
      await front.settles((stats) => {
        generationIs(at + 2)(stats);
        assert.equal(stats.workers.length, 2);
      });
      await eventually(() => assert.ok((posts.words.get(word) ?? 0) > 0 && (gets.words.get(word) ?? 0) > 0));
    }
    assert.deepEqual([await gets.stop(), await posts.stop()], [[], []]);
    const { ends } = await front.stats();
    assert.deepEqual(ends, { reload: 4 });
    assert.equal((await front.ask()).word, 'three');
  });

  test('when its file is touched, though nothing in it has changed; and at SIGHUP', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'));
    await front.touch();
    await front.settles(generationIs(2));
    front.child.kill('SIGHUP');
    await front.settles(generationIs(3));
    assert.equal((await front.ask()).status, 200);
  });

  test('when another file is touched that was set for it', async () => {
    await using front = await EmbeddedFront.begin(appSaying('one'), { FRONT_DAEMON_TOUCH: 'reload.txt' });
    await writeFile(join(front.folder, 'reload.txt'), '');
    await front.listens();
    await front.deploy(appSaying('two'));
    assert.equal((await front.stats()).generation, 1);
    await front.touch('reload.txt');
    await front.settles(generationIs(2));
    assert.equal((await front.ask()).word, 'two');
  });

  test('not by code that does not load: who serves goes on, and the log says why; what is mended is taken', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'), { APP_WORKERS: '2' });
    await using running = load(front, '/?ms=5', 4);
    await front.deploy('export const application = ;');
    const line = await front.line('the app is not reloaded');
    assert.match(line, /"level":"error".*app\.ts:1.*who serves goes on/);
    const { isRefused, workers } = await front.stats();
    assert.deepEqual([isRefused, workers.map(({ generation }) => generation)], [true, [1, 1]]);
    await front.deploy(appSaying('two'));
    await front.settles(generationIs(3));
    assert.deepEqual(await running.stop(), []);
    assert.equal((await front.ask()).word, 'two');
  });

  test('not by code that ends its process; the last lines of its standard error are in the log', async () => {
    await using front = await EmbeddedFront.start(appSaying('one'));
    await front.deploy("console.error('out of cheese'); process.exit(3);");
    assert.match(await front.line('the app is not reloaded'), /exit code 3: out of cheese/);
    assert.equal((await front.ask()).word, 'one');
  });
});

describe('an app that does not start', () => {
  test('because of what the user wrote ends the front: one clear line, exit code 78', async () => {
    await using front = await EmbeddedFront.begin('export const application = ;', { APP_WORKERS: '2' });
    assert.equal(await front.exitCode(), 78);
    assert.match(front.complaints, /^static-frontend: APP_APPLICATION: \S+app\.ts:1 does not load: [^\n]+\n$/);
  });

  test('because it crashes leaves the front with its files: 503 at once, until it is mended', async () => {
    await using front = await EmbeddedFront.start('process.exit(3);');
    await front.settles(({ ends }) => assert.ok((ends.crashed ?? 0) >= 3));
    await eventually(async () => {
      const { status, body } = await front.ask();
      assert.equal(status, 503);
      assert.match(body, /unavailable/);
    });
    assert.equal((await front.ask('/app.ts')).status, 200);
    assert.equal((await fetch(`${front.admin}/ready`)).status, 503);
    await front.deploy(appSaying('one'));
    await eventually(async () => assert.equal((await front.ask()).word, 'one'), 20_000);
  });

  test('because it never comes up is killed, and another is started', async () => {
    const never = 'await new Promise(() => setInterval(() => undefined, 1e6));';
    await using front = await EmbeddedFront.start(never, { FRONT_DAEMON_STARTUP_TIMEOUT: '500ms' });
    await front.settles(({ ends }) => assert.ok((ends['startup-timeout'] ?? 0) >= 2));
  });
});

describe('several workers of the front', () => {
  test('share the processes of one app, which their primary owns; a reload loses no request', async () => {
    const env = { APP_WORKERS: '2', FRONT_WORKERS: '2', FRONT_DAEMON_SLOTS: '4' };
    await using front = await EmbeddedFront.start(appSaying('one'), env);
    await using gets = load(front, '/?ms=5', 4);
    await using posts = load(front, '/?ms=5', 4, 'POST');
    const { workers } = await front.stats();
    assert.equal(workers.length, 2);
    await front.deploy(appSaying('two'));
    await front.settles(generationIs(2));
    process.kill(Number((await front.stats()).workers[0]?.pid), 'SIGKILL');
    await front.settles((stats) => {
      assert.equal(stats.ends.crashed, 1);
      assert.equal(stats.workers.length, 2);
      generationIs(2)(stats);
    });
    assert.deepEqual(await gets.stop(), []);
    await posts.stop();
    const answers = await Promise.all(Array.from({ length: 24 }, () => front.ask('/?ms=30')));
    assert.deepEqual([...new Set(answers.map(({ word, status }) => `${status} ${word}`))], ['200 two']);
    assert.ok(Math.max(...answers.map(({ atOnce }) => atOnce)) <= 4);
    front.child.kill('SIGTERM');
    assert.equal(await front.exitCode(), 0);
  });
});
