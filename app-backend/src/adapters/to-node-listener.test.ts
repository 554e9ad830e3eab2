import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import express from 'express';
import { validate } from '../gateway/validate.ts';
import type { Application, Environ } from '../wsgi.ts';
import { toNodeListener } from './to-node-listener.ts';

async function plain(listener: RequestListener, path?: string) {
  const server = createServer(listener);
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => server.close().closeAllConnections(),
  };
}

/** Tells variables of its environ. */
const telling: Application = (environ, start) => {
  start('200 OK', [['Content-Type', 'application/json']]);
  const told = Object.entries(environ).filter(([, value]) => typeof value === 'string');
  return [Buffer.from(JSON.stringify(Object.fromEntries(told)))];
};

const variables = async (url: string, init?: RequestInit) => (await (await fetch(url, init)).json()) as Environ;
const options = { log: silentLog };

test('behind a plain server the environ is complete', async () => {
  await using server = await plain(toNodeListener(validate(telling), options));
  const told = await variables(`${server.url}/a%2Fb?x=1`, { headers: { 'X-Forwarded-For': '10.0.0.1' } });
  assert.equal(told.PATH_INFO, '/a/b');
  assert.equal(told.RAW_URI, '/a%2Fb?x=1');
  assert.equal(told.QUERY_STRING, 'x=1');
  assert.equal(told.SCRIPT_NAME, '');
  assert.deepEqual([told.SERVER_NAME, told.SERVER_PORT], ['127.0.0.1', String(server.port)]);
  assert.equal(told.REMOTE_ADDR, '127.0.0.1');
  assert.equal(told['kit.peer_addr'], told['trivet.peer_addr']);
});

test('only peers that are trusted are believed', async () => {
  const listener = toNodeListener(telling, { ...options, trustedProxies: '127.0.0.0/8' });
  await using server = await plain(listener);
  const told = await variables(server.url, {
    headers: { 'X-Forwarded-For': '10.0.0.1', 'X-Forwarded-Proto': 'https' },
  });
  assert.deepEqual([told.REMOTE_ADDR, told['wsgi.url_scheme']], ['10.0.0.1', 'https']);
});

test('a mount is SCRIPT_NAME, and other paths are 404', async () => {
  await using server = await plain(toNodeListener(telling, { ...options, mount: '/shop' }));
  const told = await variables(`${server.url}/shop/x`);
  assert.deepEqual([told.SCRIPT_NAME, told.PATH_INFO], ['/shop', '/x']);
  assert.equal((await fetch(`${server.url}/other`)).status, 404);
  assert.throws(() => toNodeListener(telling, { mount: 'shop' }), /not a path prefix/);
});

for (const [target, path] of [
  ['/shop/x%20y?q=1', '/x y'],
  ['/shop/', '/'],
  ['/shop', ''],
  ['/shop?q', ''],
] as const) {
  test(`in Express at /shop, ${target} is PATH_INFO ${JSON.stringify(path)}`, async () => {
    const app = express();
    app.use('/shop', toNodeListener(validate(telling), options));
    await using server = await plain(app);
    const told = await variables(server.url + target);
    assert.deepEqual([told.SCRIPT_NAME, told.PATH_INFO, told.RAW_URI], ['/shop', path, target]);
  });
}

test('what middleware makes of the address counts', async () => {
  const app = express();
  app.use('/shop', (request, _response, next) => {
    request.url = '/new';
    next();
  });
  app.use('/shop', toNodeListener(telling, options));
  await using server = await plain(app);
  assert.equal((await variables(`${server.url}/shop/old`)).PATH_INFO, '/new');
});

const echo: Application = async (environ, start) => {
  const body = await environ['wsgi.input'].read(-1);
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [body];
};

test('a body is read by the application, and a body parser in front of it is named in the log', async () => {
  const lines: string[] = [];
  const log = Object.assign(Object.create(silentLog), {
    error: ({ err }: { err: Error }) => lines.push(String(err.cause)),
  });
  const app = express();
  app.use('/parsed', express.text());
  app.use(toNodeListener(echo, { log }));
  await using server = await plain(app);
  assert.equal(await (await fetch(server.url, { method: 'POST', body: 'text' })).text(), 'text');
  assert.equal((await fetch(`${server.url}/parsed`, { method: 'POST', body: 'text' })).status, 500);
  assert.match(lines.join(), /in front of body parsers/);
});

test('an application that fails is a 500, and its error is in the log', async () => {
  const causes: unknown[] = [];
  const log = Object.assign(Object.create(silentLog), {
    error: ({ err }: { err: Error }) => causes.push(err.cause),
  });
  const error = new Error('sorry');
  const failing: Application = () => {
    throw error;
  };
  await using server = await plain(toNodeListener(failing, { log }));
  const answer = await fetch(server.url);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /sorry/);
  assert.deepEqual(causes, [error]);
});

for (const [what, lines] of [
  ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b'],
  ['a bad Host', 'GET / HTTP/1.1\r\nHost: a/b'],
] as const) {
  test(`${what} are refused, as this server does`, async () => {
    await using server = await plain(toNodeListener(telling, options));
    assert.match(await rawExchange(server.port, `${lines}\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 400 /);
  });
}

test('a peer on a Unix socket is called unix', async () => {
  await using folder = await fileTree({});
  const path = join(folder.path, 'app.sock');
  await using _server = await plain(toNodeListener(telling, { ...options, trustedProxies: 'unix' }), path);
  const answer = await rawExchange(
    path,
    'GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n',
  );
  assert.match(answer, /"REMOTE_ADDR":"10\.0\.0\.1"/);
  assert.match(answer, /"kit\.peer_addr":"unix"/);
  assert.match(answer, /"SERVER_NAME":"a\.test"/);
});
