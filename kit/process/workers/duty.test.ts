import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../testing/eventually.ts';
import { OrderedProcess } from '../../testing/ordered-process.ts';
import { type FromWorker, isOurs, type ToWorker } from './messages.ts';
import { writePost } from './post.ts';

const exec = fileURLToPath(new URL('../../testing/duty-program.ts', import.meta.url));
const WITHIN_MS = 20_000;

/** A worker of this process that has taken up its place. */
async function onDuty() {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-duty-')));
  const admin = join(folder.path, 'private', '1.sock');
  await mkdir(dirname(admin));
  const args = [writePost({ number: 1, of: 2, admin })];
  cluster.setupPrimary({ exec, args, stdio: ['pipe', 'ignore', 'pipe', 'ipc'] });
  const worker = cluster.fork();
  const process = building.use(new OrderedProcess(worker.process));
  const heard: FromWorker[] = [];
  worker.on('message', (message: unknown) => isOurs(message) && heard.push(message as FromWorker));
  worker.on('error', (error) => assert.ifError(error));
  await process.line('up');
  const open = building.move();
  return {
    process,
    heard,
    folder: dirname(admin),
    send: (message: ToWorker | object) => void worker.send(message),
    /** As when this process ends. */
    leave: () => worker.process.disconnect(),
    hears: (message: FromWorker) =>
      eventually(() => assert.deepEqual(heard.at(-1), message, JSON.stringify(heard)), WITHIN_MS),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Resolves when the worker has heard all that it was sent before. */
async function isCaughtUp({ send, heard }: Awaited<ReturnType<typeof onDuty>>): Promise<void> {
  const pongs = () => heard.filter(({ trivet }) => trivet === 'pong').length;
  const before = pongs();
  send({ trivet: 'ping' });
  await eventually(() => assert.equal(pongs(), before + 1), WITHIN_MS);
}

describe('a worker', { concurrency: 2 }, () => {
  test('answers each ping, and not what is not ours', async () => {
    await using worker = await onDuty();
    worker.send({ cmd: 'ping' });
    worker.send({ trivet: 7 });
    for (let times = 1; times <= 2; times++) await isCaughtUp(worker);
    assert.deepEqual(worker.heard, [{ trivet: 'pong' }, { trivet: 'pong' }]);
    assert.deepEqual(await worker.process.sees('alive'), []);
  });

  test('says that it serves, where, and whether it can reload', async () => {
    await using worker = await onDuty();
    worker.process.order('be ready');
    await worker.hears({ trivet: 'ready', addresses: ['127.0.0.1:1'], reloads: true });
  });

  test('drains when its primary says so', async () => {
    await using worker = await onDuty();
    worker.send({ trivet: 'drain' });
    await worker.process.line('told drain');
    assert.deepEqual(await worker.process.sees('alive'), ['told drain']);
  });

  test('drains at SIGTERM, and leaves SIGINT and SIGHUP to its primary', async () => {
    await using worker = await onDuty();
    for (const signal of ['SIGINT', 'SIGHUP'] as const) {
      worker.process.child.kill(signal);
      await worker.process.line(`log ${signal} is the primary's to act on`);
    }
    await isCaughtUp(worker);
    worker.process.child.kill('SIGTERM');
    await worker.process.line('told SIGTERM');
    worker.process.child.kill('SIGTERM');
    const lines = await worker.process.sees('alive');
    assert.deepEqual(lines.slice(2), ['told SIGTERM']);
    await isCaughtUp(worker);
  });

  test('reloads when its primary says so, as long as it minds', async () => {
    await using worker = await onDuty();
    worker.process.order('mind reloads');
    assert.deepEqual(await worker.process.sees('minding'), []);
    for (const times of [1, 2]) {
      worker.send({ trivet: 'reload' });
      await isCaughtUp(worker);
      assert.equal(worker.process.said.match(/^reloads$/gm)?.length, times);
    }
    worker.process.order('mind no reloads');
    await worker.process.sees('not minding');
    worker.send({ trivet: 'reload' });
    await isCaughtUp(worker);
    assert.deepEqual(await worker.process.sees('alive'), ['minding', 'reloads', 'reloads', 'not minding']);
  });

  test('reloads as soon as it can, once, when it was told while it was starting', async () => {
    await using worker = await onDuty();
    for (const _ of [1, 2]) worker.send({ trivet: 'reload' });
    await isCaughtUp(worker);
    assert.deepEqual(await worker.process.sees('starting'), []);
    worker.process.order('mind reloads');
    assert.deepEqual(await worker.process.sees('serving'), ['starting', 'reloads']);
  });

  test('that cannot serve says why before it ends, however long that is', async () => {
    await using worker = await onDuty();
    worker.process.order('fail');
    assert.equal(await worker.process.end(), 5);
    assert.deepEqual(worker.process.lines, ['up', 'failed']);
    await eventually(() => assert.equal(worker.heard.length, 1), WITHIN_MS);
    const [told] = worker.heard;
    assert.ok(told?.trivet === 'failed');
    assert.deepEqual([told.code, told.problems.map(({ length }) => length)], [78, [2, 8_000_000]]);
  });

  test('that cannot serve ends all the same when there is nobody to hear why', async () => {
    await using worker = await onDuty();
    worker.leave();
    await worker.process.line('told disconnect');
    worker.process.order('fail');
    assert.equal(await worker.process.end(), 5);
  });

  test('drains when its primary is gone, and takes the folder of the tier with it', async () => {
    await using worker = await onDuty();
    worker.leave();
    await worker.process.line('told disconnect');
    assert.deepEqual(await worker.process.sees('alive'), ['told disconnect']);
    assert.ok(existsSync(worker.folder));
    worker.process.order('exit');
    assert.equal(await worker.process.end(), 6);
    assert.ok(!existsSync(worker.folder));
  });

  test('leaves the folder to its primary as long as there is one', async () => {
    await using worker = await onDuty();
    worker.process.order('exit');
    assert.equal(await worker.process.end(), 6);
    assert.ok(existsSync(worker.folder));
  });

  test('carries out what other workers tell, and hears what became of what it tells', async () => {
    await using worker = await onDuty();
    worker.process.order('join');
    await worker.hears({ trivet: 'joins' });
    worker.send({ trivet: 'do', id: 7, what: 'y' });
    await worker.hears({ trivet: 'done', id: 7, answer: 'did y' });
    worker.process.order('tell');
    await worker.hears({ trivet: 'tell', id: 1, what: 'x' });
    worker.send({ trivet: 'told', id: 1, answers: ['z'], missing: [] });
    await worker.process.line('it came to {"answers":["z"],"missing":[]}');
  });

  test('does not wait for what it has told when its primary is gone', async () => {
    await using worker = await onDuty();
    worker.process.order('tell');
    await worker.hears({ trivet: 'tell', id: 1, what: 'x' });
    worker.leave();
    await worker.process.line('told disconnect');
    const unconfirmed = 'it came to {"answers":[],"missing":[0]}';
    const atOnce = await worker.process.sees('alive');
    assert.deepEqual(atOnce.toSorted(), [unconfirmed, 'told disconnect']);
  });
});
