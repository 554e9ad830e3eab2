import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { manyStand, type ScriptedWorker, says, WITHIN_MS } from '../testing/many-stand.ts';
import { LogOfMany } from './live-log.ts';

const hangs: ScriptedWorker = { admin: () => undefined };

/** A worker whose log the test writes. */
class Worker implements ScriptedWorker {
  readonly #opened = Promise.withResolvers<ServerResponse>();
  asked = 0;
  readonly admin = (_: IncomingMessage, response: ServerResponse) => {
    this.asked += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': listening\n\n');
    this.#opened.resolve(response);
  };

  get opened(): Promise<ServerResponse> {
    return this.#opened.promise;
  }

  async write(text: string): Promise<void> {
    (await this.opened).write(text);
  }
}

async function logging(...workers: ScriptedWorker[]) {
  const listening: Promise<void>[] = [];
  let log: LogOfMany | undefined;
  const stand = await manyStand(workers, (app, crew) => {
    const ofMany = new LogOfMany(crew);
    log = ofMany;
    app.get('/log', (request, response) => void listening.push(ofMany.listen(request, response)));
  });
  return Object.assign(stand, { listening, size: () => log?.size });
}

/** Somebody who listens; `heard` grows. */
async function listener(url: string, query = '') {
  const asking = get(`${url}/log${query}`, { signal: AbortSignal.timeout(WITHIN_MS) });
  const [response]: IncomingMessage[] = await once(asking, 'response');
  assert.ok(response !== undefined);
  const ear = { response, heard: '', leave: () => asking.destroy() };
  response.setEncoding('utf8').on('data', (text: string) => {
    ear.heard += text;
  });
  response.on('error', () => response.destroy());
  return ear;
}

test('a worker that hangs does not keep the others from being heard', async () => {
  const worker = new Worker();
  await using stand = await logging(worker, hangs);
  const ear = await listener(stand.url);
  await worker.write('data: 1\n\n');
  await eventually(() => assert.equal(ear.heard, ': listening\n\ndata: 1\n\n'));
});

test('where all workers hang, nobody tells', async () => {
  await using stand = await logging(hangs);
  assert.equal((await stand.json('/log')).status, 503);
});

test('what a worker refuses is refused, and the others are left', async () => {
  const worker = new Worker();
  await using stand = await logging(worker, { admin: says({ error: 'all places are taken' }, 503) });
  const closed = worker.opened.then((response) => once(response, 'close'));
  assert.deepEqual(await stand.json('/log'), { status: 503, body: { error: 'all places are taken' } });
  await closed;
  assert.equal(stand.size(), 0);
});

test('a worker that hangs in the middle of its refusal counts as one that hangs', async () => {
  const worker = new Worker();
  const stutters: ScriptedWorker = {
    admin: (_, response) => void response.writeHead(503, { 'content-length': '100' }).write('{'),
  };
  await using stand = await logging(worker, stutters);
  const ear = await listener(stand.url);
  assert.equal(ear.response.statusCode, 200);
});

test('who leaves while the workers are asked is not listened for', async () => {
  const worker = new Worker();
  await using stand = await logging(worker, hangs);
  const asking = get(`${stand.url}/log`).on('error', () => undefined);
  const opened = await worker.opened;
  asking.destroy();
  await once(opened, 'close');
  await Promise.all(stand.listening);
  assert.equal(stand.size(), 0);
});

test('who leaves is left by the workers too', async () => {
  const worker = new Worker();
  await using stand = await logging(worker);
  const ear = await listener(stand.url);
  const opened = await worker.opened;
  ear.leave();
  await once(opened, 'close');
  assert.equal(stand.size(), 0);
});

test('HEAD is answered without anybody being listened to', async () => {
  await using stand = await logging({ admin: (_, response) => void response.end() });
  const response = await fetch(`${stand.url}/log`, { method: 'HEAD' });
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8']);
  assert.equal(stand.size(), 0);
});

test('workers that come later are heard, also those that come while the others are asked', async () => {
  const first = new Worker();
  await using stand = await logging(first, hangs);
  const listening = listener(stand.url);
  await first.opened;
  const meanwhile = new Worker();
  await stand.join(meanwhile);
  const ear = await listening;
  const later = new Worker();
  await stand.join(later);
  await stand.join({ admin: says({ error: 'no' }, 503) });
  const workers = [first, meanwhile, later];
  for (const [n, worker] of workers.entries()) await worker.write(`data: ${n}\n\n`);
  await eventually(() => assert.deepEqual(ear.heard.match(/data: \d/g)?.sort(), ['data: 0', 'data: 1', 'data: 2']));
  assert.deepEqual(
    workers.map(({ asked }) => asked),
    [1, 1, 1],
  );
});

test('an event is told whole however it comes, and what is no event is passed on', async () => {
  const worker = new Worker();
  await using stand = await logging(worker);
  const ear = await listener(stand.url);
  for (const part of [': be', 'at\n', '\nda', 'ta: 1\n\n', 'event: dropped\ndata: {"count":2}\n\ndata: 2']) {
    await worker.write(part);
  }
  const whole = ': listening\n\n: beat\n\ndata: 1\n\nevent: dropped\ndata: {"count":2}\n\n';
  await eventually(() => assert.equal(ear.heard, whole));
});

test('the end of one worker is not the end, that of the edge is, once', async () => {
  const workers = [new Worker(), new Worker()] as const;
  await using stand = await logging(...workers);
  const ear = await listener(stand.url);
  const end = 'event: end\ndata: {"why":"draining"}\n\n';
  await workers[0].write(`${end}data: 1\n\n`);
  await eventually(() => assert.equal(ear.heard, ': listening\n\ndata: 1\n\n'));
  stand.crew.isDraining = true;
  for (const worker of workers) await worker.write(end);
  await once(ear.response, 'end');
  assert.equal(ear.heard, `: listening\n\ndata: 1\n\n${end}`);
});

test('the limit is of all workers together', async () => {
  const workers = [new Worker(), new Worker()] as const;
  await using stand = await logging(...workers);
  const ear = await listener(stand.url, '?limit=3');
  for (const worker of workers) await worker.write('data: x\n\ndata: x\n\n');
  await once(ear.response, 'end');
  assert.equal(ear.heard, `: listening\n\n${'data: x\n\n'.repeat(3)}event: end\ndata: {"why":"limit"}\n\n`);
});

test('what never ends is not kept without limit', async () => {
  const worker = new Worker();
  await using stand = await logging(worker);
  const ear = await listener(stand.url);
  const opened = await worker.opened;
  for (let n = 0; n < 3; n++) if (!opened.write('x'.repeat(1_000_000))) await once(opened, 'drain');
  opened.write('\n\n');
  await eventually(() => {
    opened.write('data: 1\n\n');
    assert.match(ear.heard, /data: 1\n\n$/);
  });
  assert.ok(ear.heard.length < 1_100_000, `${ear.heard.length}`);
});

const MANY = 20_000;

/** One listener who does not read while its worker writes this so many times. */
async function slowly(block: string) {
  const worker = new Worker();
  const stand = await logging(worker);
  const ear = await listener(stand.url);
  ear.response.pause();
  const opened = await worker.opened;
  for (let n = 0; n < MANY; n++) if (!opened.write(block)) await once(opened, 'drain');
  ear.response.resume();
  return { stand, ear, opened };
}

test('who reads too slowly loses events, and is told once how many', async () => {
  const event = `data: ${'x'.repeat(1000)}\n\n`;
  const { stand, ear, opened } = await slowly(event);
  await using _ = stand;
  // With the first that has room again.
  await eventually(() => {
    opened.write(event);
    assert.match(ear.heard, /event: dropped/);
  });
  opened.write('data: last\n\n');
  await eventually(() => assert.ok(ear.heard.endsWith('data: last\n\n')));
  const [[, count = ''] = [], ...others] = ear.heard.matchAll(/event: dropped\ndata: \{"count":(\d+)\}/g);
  const before = ear.heard.slice(0, ear.heard.indexOf('event: dropped')).split('data:').length - 1;
  assert.ok(Number(count) > 0 && Number(count) + before >= MANY, `${count} after ${before}`);
  assert.equal(others.length, 0);
});

test('who reads too slowly loses what is no event, and is told nothing of that', async () => {
  const block = `: ${'x'.repeat(1000)}\n\n`;
  const { stand, ear, opened } = await slowly(block);
  await using _ = stand;
  await eventually(() => {
    opened.write('data: last\n\n');
    assert.match(ear.heard, /data: last\n\n$/);
  });
  assert.ok(ear.heard.length < MANY * block.length, `${ear.heard.length}`);
});
