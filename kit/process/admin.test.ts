import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { silentLog } from '../testing/silent.ts';
import { type AdminOptions, adminProblem, openAdmin } from './admin.ts';
import { openMetrics } from './metrics.ts';
import { parseAddress } from './units.ts';

const options = (more: Partial<AdminOptions> = {}): AdminOptions => ({
  tier: 'edge-cache',
  listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
  token: '',
  registry: openMetrics('edge-cache').registry,
  log: silentLog,
  ready: () => true,
  stats: () => ({ connections: 3 }),
  config: () => ({ EDGE_LISTEN: '127.0.0.1:8080', EDGE_ADMIN_TOKEN: '***' }),
  ...more,
});

type Asked = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };

/** The status, the fields and the body (read as JSON where it is JSON) of one admin request. */
async function ask(url: string, path: string, { method = 'GET', headers = {}, body = '' }: Asked = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
  const where = url.startsWith('unix:') ? { socketPath: url.slice('unix:'.length), path } : {};
  const target = url.startsWith('unix:') ? 'http://localhost' : new URL(path, url);
  request(target, { ...where, method, headers, agent: false }, resolve)
    .on('error', reject)
    .end(body);
  const response = await promise;
  const said = await text(response);
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
  return { status: response.statusCode, headers: response.headers, body: isJson ? JSON.parse(said) : said };
}

describe('the admin API', () => {
  const answers = [
    ['/live', 200, { live: true }],
    ['/ready', 200, { ready: true }],
    ['/config', 200, { EDGE_LISTEN: '127.0.0.1:8080', EDGE_ADMIN_TOKEN: '***' }],
    ['/stats', 200, { connections: 3 }],
    ['/status', 200, { connections: 3 }],
    ['/nothing', 404, { error: 'edge-cache has no GET /nothing' }],
    ['/%E0%A4%A', 404, { error: 'edge-cache has no GET /%E0%A4%A' }],
  ] as const;
  test('answers in JSON', async () => {
    await using admin = await openAdmin(options());
    for (const [path, status, body] of answers) {
      const answer = await ask(admin.url, path);
      assert.deepEqual([answer.status, answer.body], [status, body], path);
      assert.equal(answer.headers['x-powered-by'], undefined);
    }
    assert.deepEqual((await ask(admin.url, '/stats', { method: 'DELETE' })).body, {
      error: 'edge-cache has no DELETE /stats',
    });
  });

  test('gives the metrics in the format of Prometheus', async () => {
    await using admin = await openAdmin(options());
    const { status, headers, body } = await ask(admin.url, '/metrics');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(body, /^process_resident_memory_bytes\{tier="edge-cache"\} \d+$/m);
  });

  test('is ready or says why not, while it lives all the same', async () => {
    await using admin = await openAdmin(options({ ready: () => 'draining' }));
    const { status, body } = await ask(admin.url, '/ready');
    assert.deepEqual([status, body], [503, { ready: false, why: 'draining' }]);
    assert.equal((await ask(admin.url, '/live')).status, 200);
  });

  test('has the routes of its tier, which are given any body as JSON', async () => {
    await using admin = await openAdmin(
      options({ routes: (app) => void app.post('/purge', (request, response) => void response.json(request.body)) }),
    );
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const headers of [form, { 'content-type': 'application/json' }]) {
      const answer = await ask(admin.url, '/purge', { method: 'POST', headers, body: '{"all":true}' });
      assert.deepEqual([answer.status, answer.body], [200, { all: true }]);
    }
  });

  const malformed = [
    ['{', 400],
    ['"text"', 400],
    [`["${'x'.repeat(4 * 1024 * 1024)}"]`, 413],
  ] as const;
  for (const [body, status] of malformed) {
    test(`answers ${status} in JSON to the body ${body.slice(0, 8)}`, async () => {
      await using admin = await openAdmin(
        options({ routes: (app) => void app.post('/purge', (_request, response) => void response.json({})) }),
      );
      const answer = await ask(admin.url, '/purge', { method: 'POST', body });
      assert.equal(answer.status, status);
      assert.equal(typeof answer.body.error, 'string');
    });
  }

  test('reads bodies of a hundred thousand tags, and names the limit to those that are larger', async () => {
    await using admin = await openAdmin(
      options({
        routes: (app) => void app.post('/purge', (request, response) => void response.json(request.body.length)),
      }),
    );
    const tags = Array.from({ length: 100_000 }, (_, i) => `article-${i}-of-the-shop`);
    const most = await ask(admin.url, '/purge', { method: 'POST', body: JSON.stringify(tags) });
    assert.deepEqual([most.status, most.body], [200, 100_000]);
    const body = JSON.stringify([...tags, ...tags]);
    const more = await ask(admin.url, '/purge', { method: 'POST', body });
    assert.deepEqual(more.body, { error: 'the body has more than 4194304 bytes, the most that is read here' });
  });

  test('tells nobody but the log what broke in it', async () => {
    const written: string[] = [];
    const log = pino({}, { write: (line) => void written.push(line) });
    await using admin = await openAdmin(
      options({
        log,
        stats: () => {
          throw new Error('secret text');
        },
        routes: (app) => void app.get('/rejects', () => Promise.reject(new Error('secret text'))),
      }),
    );
    for (const path of ['/stats', '/rejects']) {
      const answer = await ask(admin.url, path);
      assert.deepEqual([answer.status, answer.body], [500, { error: 'internal error' }]);
    }
    assert.equal(written.filter((line) => line.includes('secret text')).length, 2);
  });
});

describe('with a token the admin API asks for it', () => {
  const bearing = (authorization: string) => ({ headers: { authorization } });

  test('on every path but /live and /ready, on loopback too', async () => {
    await using admin = await openAdmin(options({ token: 'hush' }));
    for (const path of ['/live', '/ready']) assert.equal((await ask(admin.url, path)).status, 200, path);
    for (const path of ['/metrics', '/config', '/stats', '/nothing', '/LIVE/x']) {
      const answer = await ask(admin.url, path);
      assert.deepEqual([answer.status, answer.body], [401, { error: 'a bearer token is required' }], path);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.notEqual((await ask(admin.url, path, bearing('Bearer hush'))).status, 401, path);
    }
    assert.equal((await ask(admin.url, '/live', { method: 'POST' })).status, 401);
  });

  for (const [authorization, status] of [
    ['Bearer hush', 200],
    ['bearer hush', 200],
    ['Bearer  hush', 200],
    ['Bearer hus', 401],
    ['Bearer hush ', 200],
    ['Bearer hushh', 401],
    ['Bearer', 401],
    ['Bearer ', 401],
    ['Basic hush', 401],
    ['hush', 401],
  ] as const) {
    test(`Authorization: ${JSON.stringify(authorization)} is answered ${status}`, async () => {
      await using admin = await openAdmin(options({ token: 'hush' }));
      assert.equal((await ask(admin.url, '/stats', bearing(authorization))).status, status);
    });
  }

  test('before it reads a body', async () => {
    await using admin = await openAdmin(options({ token: 'hush' }));
    assert.equal((await ask(admin.url, '/purge', { method: 'POST', body: '{' })).status, 401);
  });
});

describe('a page in a browser cannot use the admin API', () => {
  const asked = [
    ['of another origin', { origin: 'http://evil.example' }, 403],
    ['of a file or a sandbox', { origin: 'null' }, 403],
    ['that has its own name resolve to us', { origin: 'http://evil.example:9080', host: 'evil.example:9080' }, 403],
    ['that has its own name resolve to us, in a plain GET', { host: 'evil.example:9080' }, 403],
    ['of our own', { origin: 'http://127.0.0.1:9080', host: '127.0.0.1:9080' }, 404],
    ['of our own, by name', { host: 'localhost:9080' }, 404],
    ['of our own, by IPv6', { host: '[::1]:9080' }, 404],
  ] as const;
  for (const [which, headers, status] of asked) {
    test(`${which}: ${status}`, async () => {
      await using admin = await openAdmin(options());
      assert.equal((await ask(admin.url, '/purge', { method: 'POST', headers: { ...headers } })).status, status);
    });
  }

  test('but health checks may come by any name', async () => {
    await using admin = await openAdmin(options());
    assert.equal((await ask(admin.url, '/ready', { headers: { host: 'edge:9080' } })).status, 200);
  });

  test('and whoever bears the token may as well', async () => {
    await using admin = await openAdmin(options({ token: 'hush' }));
    const headers = { host: 'edge:9080', authorization: 'Bearer hush' };
    assert.equal((await ask(admin.url, '/stats', { headers })).status, 200);
  });
});

describe('the admin API listens', () => {
  for (const [listen, token, problem] of [
    ['127.0.0.1:9080', '', undefined],
    ['[::1]:9080', '', undefined],
    ['unix:/run/admin.sock', '', undefined],
    ['0.0.0.0:9080', 'hush', undefined],
    ['0.0.0.0:9080', '', /^EDGE_ADMIN_LISTEN: 0\.0\.0\.0:9080 is reachable .* set EDGE_ADMIN_TOKEN/],
    ['10.0.0.1:9080', '', /10\.0\.0\.1:9080 is reachable from other machines/],
  ] as const) {
    test(`at ${listen} ${token === '' ? 'without' : 'with'} a token: ${problem === undefined ? 'yes' : 'no'}`, () => {
      const told = adminProblem('EDGE', parseAddress(listen), token);
      if (problem === undefined) assert.equal(told, undefined);
      else assert.match(told ?? '', problem);
    });
  }

  test('at a Unix socket, also where a dead process left one', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const listen = { kind: 'unix', path: join(folder.path, 'admin.sock') } as const;
    await using admin = await openAdmin(options({ listen }));
    assert.equal(admin.url, `unix:${listen.path}`);
    assert.equal((await ask(admin.url, '/stats', { headers: { host: 'anything' } })).status, 200);
    await assert.rejects(openAdmin(options({ listen })), { code: 'EADDRINUSE' });
  });

  test('nowhere that another listens', async () => {
    await using first = await openAdmin(options());
    const port = Number(new URL(first.url).port);
    const listen = { kind: 'tcp', host: '127.0.0.1', port } as const;
    await assert.rejects(openAdmin(options({ listen })), { code: 'EADDRINUSE', port });
  });

  test('until it is disposed, whoever is connected', async () => {
    const admin = await openAdmin(options({ routes: (app) => void app.get('/never', () => undefined) }));
    const pending = ask(admin.url, '/never');
    await ask(admin.url, '/live');
    await admin[Symbol.asyncDispose]();
    await assert.rejects(pending);
    await assert.rejects(ask(admin.url, '/live'), { code: 'ECONNREFUSED' });
  });
});
