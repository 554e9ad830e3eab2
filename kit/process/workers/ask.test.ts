import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Asked, ask, askAll, jsonOf, openReply, type Question, type Reply } from './ask.ts';

/** Workers whose admin API does this; `undefined`: there is none at its place. */
async function standing(listeners: readonly (RequestListener | undefined)[]) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-ask-')));
  const workers = listeners.map(
    (_, at): Asked => ({ number: at + 1, pid: 100 + at, admin: join(folder.path, `${at}.sock`) }),
  );
  for (const [at, listener] of listeners.entries()) {
    if (listener === undefined) continue;
    const server = createServer(listener);
    building.use({
      async [Symbol.asyncDispose]() {
        const closed = new Promise((done) => server.close(done));
        server.closeAllConnections();
        await closed;
      },
    });
    await once(server.listen(workers[at]?.admin), 'listening');
  }
  const open = building.move();
  const nowhere: Asked = { number: 0, pid: 0, admin: '/nowhere' };
  return { workers, first: workers[0] ?? nowhere, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const stats: Question = { method: 'GET', path: '/stats' };
const says =
  (what: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'text/x-told' }).end(what);
const hangs: RequestListener = () => undefined;
const breaks: RequestListener = (request) => void request.socket.destroy();
/** Hangs when half of its answer is out. */
const halves: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 4 });
  response.write('ab');
};
const breaksHalfway: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 4 });
  response.write('ab', () => response.socket?.destroy());
};

/** Why there is no reply, in a word. */
function whyOf(error: NodeJS.ErrnoException): unknown {
  const { cause, code } = error;
  return cause instanceof Error ? cause.name : code;
}

type Heard = { readonly request: IncomingMessage; readonly body: string };

/** What a worker hears when it is asked this. */
async function heard(question: Question): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  await using stand = await standing([
    async (request, response) => {
      const body = await text(request);
      response.end();
      resolve({ request, body });
    },
  ]);
  await ask(stand.first, question);
  return await promise;
}

test('a worker hears the method, the path with its query, and whom it is meant for', async () => {
  const { request, body } = await heard({ method: 'DELETE', path: '/top?limit=2&by=misses' });
  assert.deepEqual(
    [request.method, request.url, request.headers.host],
    ['DELETE', '/top?limit=2&by=misses', 'localhost'],
  );
  assert.deepEqual(
    [request.headers['content-type'], request.headers['content-length'], body],
    [undefined, undefined, ''],
  );
});

for (const [accept, told] of [
  [undefined, 'application/json'],
  ['text/plain', 'text/plain'],
] as const) {
  test(`where the operator accepts ${accept ?? 'anything'}, a worker is asked for ${told}`, async () => {
    assert.equal((await heard({ ...stats, accept })).request.headers.accept, told);
  });
}

for (const body of [{ url: '/ä€' }, [], 'text', '', 0, false, null]) {
  test(`the body ${JSON.stringify(body)} is sent as JSON, with its length in bytes`, async () => {
    const { request, body: sent } = await heard({ method: 'POST', path: '/purge', body });
    assert.equal(sent, JSON.stringify(body));
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers['content-length'], String(Buffer.byteLength(sent)));
    assert.equal(request.headers['transfer-encoding'], undefined);
  });
}

test('no connection is kept for the next question', async () => {
  assert.equal((await heard(stats)).request.headers.connection, 'close');
});

test('a reply has the status, the type and all of the body', async () => {
  await using stand = await standing([says('ä'.repeat(100_000), 422)]);
  const reply = await ask(stand.first, stats);
  assert.deepEqual([reply.status, reply.type, reply.body.toString()], [422, 'text/x-told', 'ä'.repeat(100_000)]);
});

test('a reply without a type is text', async () => {
  await using stand = await standing([(_, response) => void response.end('a')]);
  assert.equal((await ask(stand.first, stats)).type, 'text/plain');
});

for (const [what, listener, failure] of [
  ['is not there', undefined, 'ENOENT'],
  ['breaks off', breaks, 'ECONNRESET'],
  ['breaks off within its answer', breaksHalfway, 'ECONNRESET'],
  ['does not begin to answer in time', hangs, 'TimeoutError'],
  ['does not end its answer in time', halves, 'ECONNRESET'],
] as const) {
  test(`one that ${what} has given no reply`, async () => {
    await using stand = await standing([listener]);
    const asked = ask(stand.first, stats, listener === hangs || listener === halves ? 50 : 60_000);
    assert.equal(await asked.then(() => 'a reply', whyOf), failure);
  });
}

for (const [said, deadlineMs] of [
  [undefined, 15_000],
  [700, 700],
] as const) {
  test(`a worker has ${deadlineMs} ms where ${said ?? 'nothing'} is said`, async (t) => {
    await using stand = await standing([says('a')]);
    const { mock } = t.mock.method(AbortSignal, 'timeout');
    await ask(stand.first, stats, said);
    await askAll([stand.first], stats, said);
    assert.deepEqual(
      mock.calls.map(({ arguments: [ms] }) => ms),
      [deadlineMs, deadlineMs],
    );
  });
}

test('a body is given as it comes, until who asked has had enough', async () => {
  const gone = Promise.withResolvers<void>();
  await using stand = await standing([
    (_, response) => {
      response.once('close', gone.resolve);
      response.writeHead(203).write('one');
    },
  ]);
  const enough = new AbortController();
  const reply = await openReply(stand.first, stats, enough.signal);
  assert.equal(reply.statusCode, 203);
  const [chunk] = await once(reply, 'data');
  assert.equal(String(chunk), 'one');
  const rest = buffer(reply);
  enough.abort();
  assert.equal(await rest.then(() => 'all of it', whyOf), 'ECONNRESET');
  await gone.promise;
});

test('of all that are asked those have a reply that gave one, in the order of the workers, each with its own', async () => {
  let answersLast: (() => void) | undefined;
  const slow: RequestListener = (_, response) => {
    answersLast = () => response.end('slow');
  };
  const quick: RequestListener = (_, response) => {
    response.end('quick', () => answersLast?.());
  };
  await using stand = await standing([slow, undefined, hangs, quick, breaks, halves, says('no', 500)]);
  const workers = stand.workers.map((worker) => ({ ...worker, since: worker.number * 10 }));
  const told = await askAll(workers, stats, 500);
  assert.deepEqual(
    told.map(({ worker, reply }) => [worker, reply.status, reply.body.toString()]),
    [
      [workers[0], 200, 'slow'],
      [workers[3], 200, 'quick'],
      [workers[6], 500, 'no'],
    ],
  );
});

test('all are asked the same, and without any there is nobody to wait for', async () => {
  const echo: RequestListener = async (request, response) => {
    response.end(`${request.method} ${request.url} ${await text(request)}`);
  };
  await using stand = await standing([echo, echo]);
  const told = await askAll(stand.workers, { method: 'POST', path: '/ban?x', body: { a: 1 } });
  assert.deepEqual(
    told.map(({ reply }) => reply.body.toString()),
    ['POST /ban?x {"a":1}', 'POST /ban?x {"a":1}'],
  );
  assert.deepEqual(await askAll([], stats), []);
});

test('the JSON of a reply is read, and what is none is said to be none', () => {
  const reply = (body: string): Reply => ({ status: 200, type: 'text/plain', body: Buffer.from(body) });
  assert.deepEqual(jsonOf(reply('{"a":["ä"]}')), { a: ['ä'] });
  assert.throws(() => jsonOf(reply('{"a":')), SyntaxError);
});
