// Two edges as they are two processes: what one tells, the other carries out, in JSON, when the test lets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Told } from '@trivet/kit/process/workers/messages.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { edgeStand, numbered, type Stand } from '../testing/stand.ts';
import { carryOutTold, type Elsewhere } from './elsewhere.ts';

const fresh = ['Cache-Control', 'max-age=60'];
// Behind one port both are one host.
const headers = { host: 'a' };
const post = { method: 'POST', body: 'x', headers };

type Pair = AsyncDisposable & {
  readonly here: Stand;
  readonly there: Stand;
  readonly told: Elsewhere[];
  /** Holds what is told back, until it is called with what becomes of it. */
  hold(): (missing?: readonly number[]) => void;
};

async function pair(script: Script): Promise<Pair> {
  await using building = new AsyncDisposableStack();
  const there = building.use(await edgeStand(script));
  const told: Elsewhere[] = [];
  let gate: Promise<readonly number[]> = Promise.resolve([]);
  const tell = async (what: unknown): Promise<Told> => {
    told.push(what as Elsewhere);
    const missing = await gate;
    if (missing.length > 0) return { answers: [], missing };
    const answer = carryOutTold(there.edge, JSON.parse(JSON.stringify(what)));
    return { answers: [JSON.parse(JSON.stringify(answer))], missing: [] };
  };
  const here = building.use(await edgeStand(script, { siblings: { tell } }));
  const whole = building.move();
  return {
    here,
    there,
    told,
    hold() {
      const { promise, resolve } = Promise.withResolvers<readonly number[]>();
      gate = promise;
      return (missing = []) => resolve(missing);
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

test('a PURGE is answered when the other process has forgotten too, and counts what that had', async () => {
  await using p = await pair(numbered(() => ({ fields: fresh })));
  for (const edge of [p.here, p.there]) await edge.get('/', headers);
  const letGo = p.hold();
  const purging = p.here.ask('/', { method: 'PURGE', headers });
  await eventually(() => assert.equal(p.told.length, 1));
  assert.equal(p.there.edge.store.stats().entries, 1);
  letGo();
  assert.equal((await purging.whole()).body, '{"purged":2}\n');
  assert.equal(p.there.edge.store.stats().entries, 0);
});

test('a PURGE that not all have confirmed is answered 503', async () => {
  await using p = await pair(numbered(() => ({ fields: fresh })));
  const letGo = p.hold();
  const purging = p.here.ask('/', { method: 'PURGE', headers });
  letGo([2]);
  assert.equal((await purging.whole()).status, 503);
});

test('a fetch of the other process that began before is not stored there', async () => {
  const open = Promise.withResolvers<void>();
  const answer = numbered(() => ({ fields: fresh }));
  await using p = await pair(async (request, reply) => {
    if (request.method === 'GET') await open.promise;
    return answer(request, reply);
  });
  const before = p.there.ask('/', { headers });
  await p.there.begun(1);
  await eventually(() => assert.equal(p.there.origin.requests.length, 1));
  await p.here.ask('/', post).whole();
  open.resolve();
  await before.whole();
  assert.equal(p.there.edge.store.stats().entries, 0);
});

for (const [what, status, left, told] of [
  ['success', 201, 0, 1],
  ['failure', 400, 1, 0],
] as const) {
  test(`the ${what} of a POST leaves ${left} of what each process had stored`, async () => {
    await using p = await pair((request, reply) =>
      request.method === 'GET' ? reply.send(200, fresh, 'page') : reply.send(status, [], 'done'),
    );
    for (const edge of [p.here, p.there]) await edge.get('/', headers);
    assert.equal((await p.here.ask('/', post).whole()).status, status);
    const entries = [p.here, p.there].map(({ edge }) => edge.store.stats().entries);
    assert.deepEqual([entries, p.told.length], [[left, left], told]);
  });
}

test('the answer to a POST is whole and in order, though it came while it was held', async () => {
  const parts = Array.from({ length: 40 }, (_, n) => `${n}:`.padEnd(16_384, 'x'));
  await using p = await pair(async (request, reply) => {
    if (request.method === 'GET') return reply.send(200, fresh, 'page');
    reply.head(200);
    for (const part of parts) await reply.write(part);
    reply.end('', ['X-Sum', '1']);
  });
  const letGo = p.hold();
  const posting = p.here.ask('/', { ...post, headers: { ...headers, te: 'trailers' } });
  await eventually(() => assert.equal(p.told.length, 1));
  assert.equal(posting.receivedBytes, 0);
  letGo();
  const answer = await posting.whole();
  assert.equal(answer.body, parts.join(''));
  assert.equal((await posting.trailers())['x-sum'], '1');
});

test('an answer that breaks off while it is held breaks off for its client', async () => {
  const broken = Promise.withResolvers<void>();
  await using p = await pair(async (_, reply) => {
    reply.head(200, ['Content-Length', '100']);
    await reply.write('ten bytes.');
    await broken.promise;
    reply.break();
  });
  const letGo = p.hold();
  const posting = p.here.ask('/', post);
  await eventually(() => assert.equal(p.told.length, 1));
  broken.resolve();
  letGo();
  assert.equal(await posting.outcome, 'broken');
});

test('a client that leaves while its answer is held back takes its request along', async () => {
  const left = Promise.withResolvers<void>();
  await using p = await pair(async (_, reply) => {
    reply.head(200);
    await reply.write('begun');
    await reply.closed;
    left.resolve();
  });
  const letGo = p.hold();
  const posting = p.here.ask('/', post);
  posting.outcome.catch(() => undefined);
  await eventually(() => assert.equal(p.told.length, 1));
  posting.leave();
  await left.promise;
  letGo();
  await eventually(() => assert.equal(p.here.records.length, 1));
});

test('groups that the other process alone knows are forgotten here too', async () => {
  await using p = await pair(
    numbered((_, target) => ({ fields: [...fresh, 'Cache-Groups', target === '/far' ? '"a", "b"' : '"b"'] })),
  );
  await p.there.get('/far', headers);
  await p.here.get('/near', headers);
  await p.here.ask('/far', post).whole();
  assert.deepEqual([p.here.edge.store.stats().entries, p.there.edge.store.stats().entries], [0, 0]);
  assert.deepEqual(
    p.told.map((what) => what.do === 'outdate' && what.groups),
    [[], ['a', 'b']],
  );
});

test('the answer to a POST that speaks for a GET is stored, and outdates nothing of itself', async () => {
  const fields = [...fresh, 'Content-Location', '/made'];
  await using p = await pair(numbered(() => ({ fields })));
  for (const edge of [p.here, p.there]) await edge.get('/made', headers);
  const posted = await p.here.ask('/made', post).whole();
  assert.equal(posted.status, 200);
  assert.equal((await p.here.get('/made', headers)).body, posted.body);
  assert.equal(p.there.edge.store.stats().entries, 0);
});

test('a ban has the number and the instant that it was given', async () => {
  await using p = await pair(numbered(() => ({ fields: fresh })));
  await p.there.get('/', headers);
  const ban = { do: 'ban', expression: 'req.url == /', id: 7, addedAt: 1_000 } satisfies Elsewhere;
  assert.deepEqual(carryOutTold(p.there.edge, ban), { verdict: 'added', superseded: false, inForce: 1 });
  assert.partialDeepStrictEqual(p.there.edge.bans.all(), [{ id: 7, addedAt: 1_000 }]);
  assert.match((await p.there.get('/', headers)).cacheStatus, /fwd=uri-miss/);
  assert.throws(() => carryOutTold(p.there.edge, { do: 'dance' }), TypeError);
});
