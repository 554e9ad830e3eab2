import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import fc from 'fast-check';
import type { Site } from '../define-site.ts';
import { runFront } from '../testing/running-front.ts';
import { otherReadings } from './other-readings.ts';

const site: Site = {
  routes: [
    { path: '/admin', proxy: 'app', access: { deny: ['127.0.0.1'] } },
    { path: '/', proxy: 'app' },
  ],
};

async function stand() {
  await using own = new AsyncDisposableStack();
  const app = own.use(await scriptedOrigin((request, reply) => reply.send(200, [], request.target)));
  const tree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

// Each is a path below /admin for some app: one that walks no dots, one that takes %2F, a backslash or `;` for what it is
// not, one that merges no slashes.
const disguised = [
  ...['/admin/../x', '/admin/%2e%2e/x', '/admin/secret/..%2f..%2fx', '/admin/x%2f..%2f..%2fy', '/x/..\\admin'],
  ...['/admin\\secret', '/admin%5csecret', '/\\admin', '/admin;x', '/admin;x/secret', '/admin%3bx', '/x/..;/admin'],
  ...['/admin//../..//x', '/x\\..\\admin\\y', '/.;/admin', '/admin/..;x/../y'],
];

test('a path that an app may read as a guarded one does not get past the guard', async () => {
  await using front = await stand();
  for (const target of disguised) {
    const reply = await front.ask(target);
    assert.ok(reply.status === 400 || reply.status === 403, `${target}: ${reply.status} ${reply.body}`);
  }
  assert.match((await front.ask('/admin;x')).body, /which is guarded/);
});

test('a file has one reader, and is not withheld', async () => {
  await using tree = await fileTree({ 'f.txt': 'f' });
  const [guarded] = site.routes;
  assert.ok(guarded);
  const routes = [guarded, { path: '/', files: '.', otherwise: { proxy: 'app' } }];
  await using front = await runFront({ root: tree.path, site: { routes } });
  assert.equal((await front.ask('/admin/../f.txt')).status, 200);
  assert.equal((await front.ask('/admin/../g.txt')).status, 400);
});

test('a WebSocket does not get past it either', async () => {
  await using front = await stand();
  await using client = await rawConnect(front.port);
  await client.write(
    'GET /admin\\ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('what no reader takes for a guarded path goes on byte for byte', async () => {
  await using front = await stand();
  for (const target of ['/a/../b', '/a%2Fb', '/a;v=1/b', '/a\\b', '//a', '/./a', '/adm%69nistration', '/x/..%2fy']) {
    assert.deepEqual([target, (await front.ask(target)).body], [target, target]);
  }
});

test('the reading of the URL Standard is among them, whatever the path', () => {
  const piece = fc.constantFrom('/', '\\', '.', '..', '%2e', '%2F', ';', 'a', '/..', '/a');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const raw = `/${pieces.join('')}`;
      const standard = new URL(`http://h${raw}`).pathname;
      const readings = otherReadings(raw);
      if (readings.length === 0) assert.equal(standard, raw);
      else
        assert.ok(
          readings.includes(standard.replace(/%2e/gi, '.').replace(/%5c/gi, '\\')),
          `${raw}: ${standard} ${readings}`,
        );
    }),
  );
});
