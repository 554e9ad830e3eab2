// The app server as it is run: an application in TypeScript that does not let go of its process.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { allReady, Server } from './src/testing/running-server.ts';

const app = `
let waiting = 0;
function computeForEver(): never {
  for (;;);
}
export function application(environ, startResponse) {
  const path = environ.PATH_INFO;
  if (path === '/hang') {
    console.error('computing');
    computeForEver();
  }
  if (path !== '/' && path !== '/waiting') return byAndBy(path, environ.QUERY_STRING, startResponse);
  const body = Buffer.from(path === '/' ? String(process.pid) : String(waiting));
  startResponse('200 OK', [['Content-Length', String(body.length)]]);
  return [body];
}
async function* byAndBy(path, query, startResponse) {
  if (path === '/begin') {
    startResponse('200 OK', []);
    yield Buffer.from('begun');
  }
  waiting += 1;
  await new Promise((resolve) => setTimeout(resolve, Number(query || 1e9)));
  if (path === '/hang-later') computeForEver();
  startResponse('200 OK', []);
  yield Buffer.from('awaited');
}
export const mounts = { '/mounted': () => computeForEver() };
`;

const request = (method: string, target: string, more = '') => `${method} ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const body = 'Content-Length: 4\r\n';

const hangs: readonly (readonly [what: string, asked: string])[] = [
  ['in the fast lane, at once', request('GET', '/hang')],
  ['in the fast lane, by and by', request('GET', '/hang-later?1')],
  ['in the slow lane, at once', `${request('POST', '/hang', body)}body`],
  ['in the slow lane, by and by', `${request('POST', '/hang-later?1', body)}body`],
  ['in a mount', request('GET', '/mounted/')],
];

/** What the log says of the worker that ended. */
type End = { readonly [K in 'stacks' | 'stderr' | 'unanswered']: readonly string[] } & { readonly why: string };

async function endOf(server: Server): Promise<End> {
  return (await server.line(/worker 1 hung, and ended by SIGKILL/)) as unknown as End;
}

describe('an application that computes for ever', { concurrency: 2 }, () => {
  for (const [what, asked] of hangs) {
    test(`${what}: 504, and the worker is replaced`, async () => {
      await using server = await Server.start(app, { APP_TIMEOUT: '1s' });
      const [pid] = await server.pids();
      const answer = await rawExchange(server.port, asked);
      assert.match(answer, /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
      assert.match(answer, /1000ms(?:.|\n)*<\/html>\n$/);
      const [, id] = /\r\nX-Request-Id: (\S+)\r\n/.exec(answer) ?? [];
      const end = await endOf(server);
      assert.deepEqual([end.unanswered, end.why], [[id], 'timeout']);
      assert.match(end.stacks[0] ?? '', /^computeForEver \(.*app\.ts:\d+\)$/);
      assert.match(end.stderr.join('\n'), /computeForEver/);
      await server.settles(allReady(1, 1));
      const [after] = await server.pids();
      assert.notEqual(after, pid);
      assert.equal(await server.ask(), String(after));
      await server.settles(({ arbiter }) => assert.equal(arbiter.ends.timeout, 1));
    });
  }

  test('is the end of others: 504 where no head was out, else a broken transfer', async () => {
    await using server = await Server.start(app, { APP_TIMEOUT: '1s' });
    await using begun = await rawConnect(server.port);
    await begun.write(request('GET', '/begin'));
    await begun.readUntil('begun');
    await using asleep = await rawConnect(server.port);
    await asleep.write(request('GET', '/'));
    await asleep.readUntil('\r\n\r\n');
    const before = asleep.received;
    const others = [request('HEAD', '/wait'), request('GET', '/wait'), `${request('POST', '/wait', body)}body`];
    const answers = others.map((asked) => rawExchange(server.port, asked));
    await eventually(async () => assert.equal(await server.ask('/waiting'), '4'));
    answers.push(rawExchange(server.port, request('GET', '/hang')));
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 504 /);
    assert.ok((await answers[0])?.endsWith('\r\n\r\n'), 'an answer to HEAD has no body');
    await begun.closed;
    assert.match(begun.received, /\r\n5\r\nbegun\r\n$/);
    await asleep.closed;
    assert.equal(asleep.received, before);
    assert.equal((await endOf(server)).unanswered.length, 4);
  });

  test('behind an answer that is kept back for it: none is taken for another', async () => {
    await using server = await Server.start(app, { APP_TIMEOUT: '1s' });
    const answer = await rawExchange(server.port, request('GET', '/') + request('GET', '/hang'));
    assert.doesNotMatch(answer, /^HTTP\/1\.1 504/);
    assert.deepEqual((await endOf(server)).unanswered, []);
  });

  test('is nothing to requests that another worker has', async () => {
    await using server = await Server.start(app, { APP_TIMEOUT: '1s', APP_WORKERS: '2' });
    const hung = rawExchange(server.port, request('GET', '/hang'));
    let isHung = true;
    // From then on it accepts nobody.
    await eventually(() => assert.match(server.complaints, /^computing$/m));
    void hung.finally(() => {
      isHung = false;
    });
    const pids = new Set<string>();
    while (isHung) {
      const answer = await rawExchange(server.port, request('GET', '/', 'Connection: close\r\n'));
      assert.match(answer, /^HTTP\/1\.1 200 /);
      pids.add(answer.split('\r\n\r\n')[1] ?? '');
    }
    assert.match(await hung, /^HTTP\/1\.1 504 /);
    assert.ok(pids.size >= 1);
    await server.settles(allReady(2, 1));
  });
});

test('an application that waits longer than that is not ended', async () => {
  await using server = await Server.start(app, { APP_TIMEOUT: '1s' });
  const [pid] = await server.pids();
  const answers = [request('GET', '/wait?2500'), `${request('POST', '/wait?2500', body)}body`].map((asked) =>
    rawExchange(server.port, asked.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
  );
  for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 200 (?:.|\r\n)*awaited/);
  assert.equal(await server.ask(), String(pid));
});
