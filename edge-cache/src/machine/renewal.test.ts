import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { edgeStand } from '../testing/stand.ts';
import { purge } from './purger.ts';

const short = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'X-Kind', 'old', 'Content-Type', 'text/plain'];

/** Answers whole first, then 304 with these fields to whoever has the tag. */
const renewing = (...answers: readonly (readonly string[])[]): Script =>
  (() => {
    let n = -1;
    return (request, reply) => {
      n += 1;
      const fields = answers[Math.min(n, answers.length - 1)] ?? [];
      if (field(request.fields, 'if-none-match') === '"a"') reply.send(304, fields);
      else reply.send(200, fields, `body ${n}`);
    };
  })();

test('[case 24] [case 25] an expired answer is validated in the foreground, and a 304 renews it', async () => {
  const news = [
    'Cache-Control',
    'max-age=100',
    'ETag',
    '"a"',
    'X-Kind',
    'new',
    'Content-Length',
    '999',
    'Content-Encoding',
    'br',
  ];
  await using stand = await edgeStand(renewing(short, news));
  await stand.get('/');
  stand.clock.advance(11_000);
  const renewed = await stand.get('/');
  assert.deepEqual([renewed.status, renewed.body], [200, 'body 0']);
  assert.equal(renewed.cacheStatus, 'edge-cache; fwd=stale; fwd-status=304; stored');
  assert.equal(renewed.header('x-kind'), 'new');
  assert.equal(renewed.header('content-type'), 'text/plain');
  assert.equal(renewed.header('content-encoding'), undefined);
  assert.equal(renewed.header('content-length'), '6');
  assert.equal(renewed.header('age'), '0');
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; hit; ttl=100');
  const { fields } = stand.origin.requests[1] ?? { fields: [] };
  assert.equal(field(fields, 'if-none-match'), '"a"');
});

test('all who ask for an expired answer share one validation', async () => {
  const open = Promise.withResolvers<void>();
  const script = renewing(short, short);
  let n = 0;
  await using stand = await edgeStand(async (request, reply) => {
    n += 1;
    if (n > 1) await open.promise;
    await script(request, reply);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  const asked = Array.from({ length: 10 }, () => stand.ask('/'));
  await stand.begun(11);
  open.resolve();
  for (const one of asked) assert.equal((await one.whole()).body, 'body 0');
  assert.equal(stand.origin.requests.length, 2);
  assert.equal(stand.edge.counters.renewals, 1);
});

test('always to be validated, an answer is stored and asked about for each request', async () => {
  const fields = ['Cache-Control', 'no-cache', 'ETag', '"a"'];
  await using stand = await edgeStand(renewing(fields));
  await stand.get('/');
  for (let i = 0; i < 2; i++) {
    const answer = await stand.get('/');
    assert.deepEqual([answer.body, answer.cacheStatus], ['body 0', 'edge-cache; fwd=stale; fwd-status=304; stored']);
  }
  assert.equal(stand.origin.requests.length, 3);
});

test('a new answer takes the place of the expired one', async () => {
  let n = 0;
  await using stand = await edgeStand((_, reply) => {
    n += 1;
    reply.send(200, ['Cache-Control', 'max-age=10', 'ETag', `"${n}"`], `body ${n}`);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; fwd=stale; stored');
  const hit = await stand.get('/');
  assert.deepEqual([hit.body, stand.edge.store.stats().entries], ['body 2', 1]);
});

for (const directive of ['no-store', 'private']) {
  test(`[case 26] a 304 that says ${directive} is for the one that asked, and ends what was stored`, async () => {
    await using stand = await edgeStand(renewing(short, ['Cache-Control', directive, 'ETag', '"a"']));
    await stand.get('/');
    stand.clock.advance(11_000);
    const answer = await stand.get('/');
    assert.deepEqual([answer.status, answer.body, answer.header('content-length')], [200, 'body 0', '6']);
    assert.equal(answer.cacheStatus, `edge-cache; fwd=stale; detail="${directive}"`);
    assert.equal(stand.edge.store.stats().entries, 0);
    assert.equal((await stand.get('/')).body, 'body 2');
  });
}

test('[case 26] a 304 that selects by other fields is the answer for these only', async () => {
  await using stand = await edgeStand(
    renewing(short, ['Cache-Control', 'max-age=60', 'ETag', '"a"', 'Vary', 'X-Lang']),
  );
  await stand.get('/', { 'x-lang': 'de' });
  stand.clock.advance(11_000);
  await stand.get('/', { 'x-lang': 'de' });
  assert.match((await stand.get('/', { 'x-lang': 'de' })).cacheStatus, /hit/);
  assert.match((await stand.get('/', { 'x-lang': 'en' })).cacheStatus, /fwd=vary-miss/);
});

for (const soft of [false, true]) {
  test(`[case 28] purged ${soft ? 'softly ' : ''}while it is being validated, an answer is not brought back by the 304`, async () => {
    const asking = Promise.withResolvers<void>();
    const purged = Promise.withResolvers<void>();
    let n = 0;
    await using stand = await edgeStand(async (request, reply) => {
      n += 1;
      const isConditional = field(request.fields, 'if-none-match') !== undefined;
      if (n === 2) {
        asking.resolve();
        await purged.promise;
        return reply.send(304, short);
      }
      reply.send(200, short, `body ${n}${isConditional ? ' asked with a tag' : ''}`);
    });
    await stand.get('/');
    stand.clock.advance(11_000);
    const waiting = stand.ask('/');
    await asking.promise;
    const selector = { by: 'url', host: undefined, path: '/' } as const;
    assert.equal(purge(stand.edge, { selector, soft, dryRun: false }), 1);
    purged.resolve();
    // What is left after a soft purge may be asked about again, by a question that was put after it.
    const expected = soft ? 'body 3 asked with a tag' : 'body 3';
    assert.equal((await waiting.whole()).body, expected);
    assert.equal((await stand.get('/')).body, expected);
  });
}

test('[case 29] an answer that streams is given to those who come late only while it is fresh', async () => {
  const open = Promise.withResolvers<void>();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    if (n > 1) return reply.send(200, short, 'second');
    reply.head(200, short);
    await reply.write('first ');
    await open.promise;
    reply.end('end');
  });
  const early = stand.ask('/');
  await eventually(() => assert.equal(early.received, 'first '));
  stand.clock.advance(11_000);
  assert.equal((await stand.get('/')).body, 'second');
  open.resolve();
  assert.equal((await early.whole()).body, 'first end');
});

test('a 304 that gives what was asked about another entity tag renews it under its own', async () => {
  await using stand = await edgeStand(renewing(short, ['Cache-Control', 'max-age=100', 'ETag', '"b"']));
  await stand.get('/');
  stand.clock.advance(11_000);
  const renewed = await stand.get('/');
  assert.deepEqual([renewed.body, renewed.header('etag')], ['body 0', '"a"']);
  assert.match((await stand.get('/')).cacheStatus, /hit; ttl=100/);
});
