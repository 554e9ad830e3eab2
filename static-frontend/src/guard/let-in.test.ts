import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from '../define-site.ts';
import { type FrontOptions, runFront } from '../testing/running-front.ts';

const password = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const asAda = ['Authorization', `Basic ${Buffer.from('ada:password').toString('base64')}`];

async function frontOf(site: Site, options: Partial<FrontOptions> = {}) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ 'f.txt': 'f', '403.html': 'no: {{reason}}' }));
  const front = own.use(await runFront({ root: tree.path, site, ...options }));
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const files = { path: '/', files: '.' };

test('an address that may not come in gets a 403 on this tier’s page, whatever the route would have answered', async () => {
  await using front = await frontOf({
    routes: [
      { path: '/moved/', redirect: '/', access: { deny: ['127.0.0.1'] } },
      { path: '/open/', files: '.' },
      { ...files, access: { allow: ['192.0.2.0/24'] }, headers: { 'X-Frame-Options': 'ALLOWALL' } },
    ],
    errorPages: { 403: '403.html' },
  });
  for (const target of ['/f.txt', '/moved/x', '/none', '/%66.txt', '//f.txt', '/open/../f.txt']) {
    const reply = await front.ask(target);
    assert.deepEqual([reply.status, reply.body], [403, 'no: access-denied'], target);
  }
  assert.equal((await front.ask('/open/f')).status, 404);
  assert.equal(front.records[0]?.fault?.reason, 'access-denied');
});

test('who comes through a trusted peer is judged by his own address, and cannot make one up', async () => {
  const site: Site = { routes: [{ ...files, access: { allow: ['192.0.2.0/24'] } }] };
  await using trusting = await frontOf(site, { trusted: (address) => address === '127.0.0.1' });
  await using wary = await frontOf(site);
  assert.equal((await trusting.ask('/f.txt', ['X-Forwarded-For', '192.0.2.1'])).status, 200);
  assert.equal((await trusting.ask('/f.txt', ['X-Forwarded-For', '::ffff:192.0.2.1'])).status, 200);
  assert.equal((await trusting.ask('/f.txt', ['X-Forwarded-For', '192.0.2.1, 198.51.100.1'])).status, 403);
  assert.equal((await wary.ask('/f.txt', ['X-Forwarded-For', '192.0.2.1'])).status, 403);
});

test('a name and its password open a route, and go on to the app', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200, [], 'app'));
  const basicAuth = { realm: 'the house', users: { ada: password } };
  await using front = await frontOf({ routes: [{ path: '/', proxy: 'app', basicAuth }] }, { app: [app.address] });
  const refused = await front.ask('/x');
  assert.equal(refused.status, 401);
  assert.equal(refused.get('www-authenticate'), 'Basic realm="the house", charset="UTF-8"');
  assert.match(refused.body, /not-authenticated/);
  assert.equal((await front.ask('/x', ['Authorization', 'Basic YWRhOlBhc3N3b3Jk'])).status, 401);
  assert.equal(app.requests.length, 0);
  assert.equal((await front.ask('/x', asAda)).body, 'app');
  assert.equal(field(app.requests[0]?.fields ?? [], 'authorization'), asAda[1]);
});

test('a refused upload is not read, and its connection closes', async () => {
  await using front = await frontOf({ routes: [{ path: '/', proxy: 'app', basicAuth: { realm: 'r', users: {} } }] });
  await using client = await rawConnect(front.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await client.closed;
  assert.match(client.received, /^HTTP\/1\.1 401 [\s\S]*^Connection: close\r$/im);
});

test('beyond the rate a client is told when to come back', async () => {
  const clock = new ManualClock(0);
  const site: Site = { limits: { few: { rate: '2/m', burst: 1 } }, routes: [{ ...files, limits: ['few'] }] };
  await using front = await frontOf(site, { clock: clock.read });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await front.ask('/f.txt')).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  clock.advance(500);
  const refused = await front.ask('/f.txt');
  assert.equal(refused.get('retry-after'), '30');
  assert.match(refused.body, /rate-limited/);
  assert.equal(front.records[3]?.why, 'limit few');
  clock.advance(29_500);
  assert.equal((await front.ask('/f.txt')).status, 200);
});

test('a dry run lets in and says in the log what it would have done', async () => {
  const clock = new ManualClock(0);
  const site: Site = { limits: { few: { rate: '1/m', dryRun: true } }, routes: [{ ...files, limits: ['few'] }] };
  await using front = await frontOf(site, { clock: clock.read });
  for (let i = 0; i < 2; i++) assert.equal((await front.ask('/f.txt')).status, 200);
  assert.deepEqual(
    front.records.map(({ why }) => why),
    [undefined, 'limit few, dry run: rate-limited'],
  );
});

test('a request has its place until its answer is over, however it ends', async () => {
  await using app = await scriptedOrigin(async (_, reply) => {
    reply.head(200);
    await reply.write('begun');
    await reply.closed;
  });
  const site: Site = {
    limits: { one: { concurrent: 1 } },
    routes: [
      { path: '/slow', proxy: 'app', limits: ['one'] },
      { ...files, limits: ['one'] },
    ],
  };
  await using front = await frontOf(site, { app: [app.address] });
  await using client = await rawConnect(front.port);
  await client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('begun');
  const refused = await front.ask('/f.txt');
  assert.deepEqual([refused.status, refused.get('retry-after')], [429, '1']);
  assert.match(refused.body, /still under way[\s\S]*too-many-at-once/);
  client.reset();
  await eventually(async () => assert.equal((await front.ask('/f.txt')).status, 200));
  // Refused by another guard, or by what is not there: the place is given back all the same.
  for (let i = 0; i < 3; i++) assert.equal((await front.ask('/none')).status, 404);
});

test('those of the burst wait for their turn', async () => {
  const site: Site = {
    limits: { slow: { rate: '20/s', burst: 3, delay: true } },
    routes: [{ ...files, limits: ['slow'] }],
  };
  const clock = new ManualClock(0);
  await using front = await frontOf(site, { clock: clock.read });
  const replies = await Promise.all([1, 2, 3, 4, 5].map(() => front.ask('/f.txt')));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 200, 200, 200, 429]);
  const slow = front.records.filter(({ status, ms }) => status === 200 && ms >= 49);
  assert.equal(slow.length, 3);
});

test('who leaves while he waits is not served, and leaves his turn', async () => {
  const clock = new ManualClock(0);
  await using app = await scriptedOrigin((_, reply) => reply.send(200));
  const limits = { slow: { rate: '1/m', burst: 1, delay: true } };
  const site: Site = { limits, routes: [{ path: '/', proxy: 'app', limits: ['slow'] }] };
  await using front = await frontOf(site, { clock: clock.read, app: [app.address] });
  assert.equal((await front.ask('/1')).status, 200);
  await using client = await rawConnect(front.port);
  await client.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => assert.partialDeepStrictEqual(front.limits.stats().slow, { delayed: 1 }));
  assert.equal((await front.ask('/3')).status, 429);
  client.reset();
  await eventually(() => assert.partialDeepStrictEqual(front.limits.stats().slow, { abandoned: 1, here: 0 }));
  await using next = await rawConnect(front.port);
  await next.write('GET /4 HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => assert.partialDeepStrictEqual(front.limits.stats().slow, { delayed: 2 }));
  assert.deepEqual(
    app.requests.map(({ target }) => target),
    ['/1'],
  );
  assert.partialDeepStrictEqual(
    front.records.find(({ target }) => target === '/2'),
    { status: 499, outcome: 'client-left' },
  );
});

test('the address is asked before the limit, and the limit before the password', async () => {
  const clock = new ManualClock(0);
  const basicAuth = { realm: 'r', users: { ada: password } };
  const site: Site = {
    limits: { few: { rate: '1/m' } },
    routes: [
      { path: '/out/', files: '.', access: { allow: [] }, limits: ['few'], basicAuth },
      { ...files, limits: ['few'], basicAuth },
    ],
  };
  await using front = await frontOf(site, { clock: clock.read });
  assert.equal((await front.ask('/out/')).status, 403);
  assert.equal((await front.ask('/f.txt')).status, 401);
  assert.equal((await front.ask('/f.txt', asAda)).status, 429);
});
