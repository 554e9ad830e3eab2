import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { contentRange, selectRange } from '@trivet/kit/semantics/range.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { edgeStand } from '../testing/stand.ts';

const content = '0123456789';
const fresh = ['Cache-Control', 'max-age=60'];

/** An origin that knows ranges, and keeps the ranges it was asked for. */
function ranging(etag: () => string | undefined, asked: (string | undefined)[]): Script {
  return (request, reply) => {
    const range = field(request.fields, 'range');
    const condition = field(request.fields, 'if-range');
    asked.push(condition === undefined ? range : `${range} if ${condition}`);
    const tag = etag();
    const fields = [...fresh, 'Content-Type', 'text/plain', ...(tag === undefined ? [] : ['ETag', tag])];
    const selected = selectRange(condition === undefined || condition === tag ? range : undefined, content.length);
    if (selected.verdict !== 'part') return void reply.send(200, fields, content);
    const { first, last } = selected.range;
    reply.send(206, [...fields, 'Content-Range', contentRange(selected.range, 10)], content.slice(first, last + 1));
  };
}

test('a part is stored, and answers for itself and for what lies within it', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => undefined, asked));
  const first = await stand.get('/', { range: 'bytes=2-6' });
  assert.deepEqual([first.status, first.body, first.header('content-range')], [206, '23456', 'bytes 2-6/10']);
  assert.match(first.cacheStatus, /fwd=uri-miss; stored/);
  for (const [range, body, place] of [
    ['bytes=2-6', '23456', 'bytes 2-6/10'],
    ['bytes=3-4', '34', 'bytes 3-4/10'],
  ] as const) {
    const answer = await stand.get('/', { range });
    assert.deepEqual([answer.status, answer.body, answer.header('content-range')], [206, body, place]);
    assert.match(answer.cacheStatus, /hit; ttl=/);
    assert.equal(answer.header('content-length'), String(body.length));
  }
  assert.deepEqual(asked, ['bytes=2-6']);
});

test('parts with the same strong validator are put together, and only what is missing is fetched', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => '"a"', asked));
  await stand.get('/', { range: 'bytes=0-2' });
  await stand.get('/', { range: 'bytes=6-7' });
  const middle = await stand.get('/', { range: 'bytes=1-6' });
  assert.deepEqual([middle.status, middle.body], [206, '123456']);
  assert.match(middle.cacheStatus, /fwd=partial/);
  const whole = await stand.get('/');
  assert.deepEqual([whole.status, whole.body, whole.header('content-length')], [200, content, '10']);
  assert.match(whole.cacheStatus, /fwd=partial; fwd-status=206; stored/);
  assert.equal(whole.header('content-range'), undefined);
  const again = await stand.get('/');
  assert.equal(again.body, content);
  assert.match(again.cacheStatus, /hit/);
  assert.deepEqual(asked, ['bytes=0-2', 'bytes=6-7', 'bytes=3-5 if "a"', 'bytes=8- if "a"']);
});

test('a part without a strong validator is never put together with another', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => 'W/"a"', asked));
  await stand.get('/', { range: 'bytes=0-4' });
  await stand.get('/', { range: 'bytes=5-9' });
  const whole = await stand.get('/');
  assert.deepEqual([whole.status, whole.body], [200, content]);
  assert.match(whole.cacheStatus, /fwd=partial/);
  assert.deepEqual(asked, ['bytes=0-4', 'bytes=5-9', undefined]);
});

test('[case 55] when the representation has changed, the new one is fetched whole', async () => {
  const asked: (string | undefined)[] = [];
  let tag = '"a"';
  await using stand = await edgeStand(ranging(() => tag, asked));
  await stand.get('/', { range: 'bytes=0-4' });
  tag = '"b"';
  const whole = await stand.get('/');
  assert.deepEqual([whole.status, whole.body, whole.header('etag')], [200, content, '"b"']);
  assert.deepEqual(asked, ['bytes=0-4', 'bytes=5- if "a"']);
  assert.match((await stand.get('/', { range: 'bytes=1-2' })).cacheStatus, /hit/);
});

test('[case 55] an origin that ignores If-Range and answers with a part of something else is asked for all', async () => {
  let tag = '"a"';
  const targets: (string | undefined)[] = [];
  await using stand = await edgeStand((request, reply) => {
    const range = field(request.fields, 'range');
    targets.push(range);
    const selected = selectRange(range, 10);
    const fields = [...fresh, 'ETag', tag];
    if (selected.verdict !== 'part') return void reply.send(200, fields, content);
    const { first, last } = selected.range;
    reply.send(206, [...fields, 'Content-Range', contentRange(selected.range, 10)], content.slice(first, last + 1));
  });
  await stand.get('/', { range: 'bytes=0-4' });
  tag = '"b"';
  const whole = await stand.get('/');
  assert.deepEqual([whole.status, whole.body, whole.header('etag')], [200, content, '"b"']);
  assert.deepEqual(targets, ['bytes=0-4', 'bytes=5-', undefined]);
});

test('a part that turns out to be all of it is stored as the whole', async () => {
  await using stand = await edgeStand(ranging(() => undefined, []));
  assert.equal((await stand.get('/', { range: 'bytes=0-9' })).status, 206);
  const whole = await stand.get('/');
  assert.deepEqual([whole.status, whole.body], [200, content]);
  assert.match(whole.cacheStatus, /hit/);
});

test('[case 54] a refusal of the range says nothing of the resource', async () => {
  await using stand = await edgeStand((_, reply) => {
    reply.send(416, [...fresh, 'Content-Range', 'bytes */10'], '');
  });
  const refused = await stand.get('/', { range: 'bytes=20-30' });
  assert.equal(refused.status, 416);
  assert.doesNotMatch(refused.cacheStatus, /stored/);
});

for (const [what, place, body] of [
  ['has no place', undefined, '01234'],
  ['has a place beyond its whole', 'bytes 4-9/5', '01234'],
  ['has more bytes than its place', 'bytes 0-2/10', '01234'],
  ['has an unknown whole', 'bytes 0-4/*', '01234'],
] as const) {
  test(`[case 55] a part that ${what} goes to its client, and is not stored`, async () => {
    await using stand = await edgeStand((_, reply) => {
      reply.send(206, [...fresh, ...(place === undefined ? [] : ['Content-Range', place])], body);
    });
    for (let i = 0; i < 2; i++) {
      const answer = await stand.get('/', { range: 'bytes=0-4' });
      assert.deepEqual([answer.status, answer.body], [206, body]);
      assert.doesNotMatch(answer.cacheStatus, /hit|stored/);
    }
  });
}

test('[case 54] several ranges are cut from the stored whole', async () => {
  await using stand = await edgeStand((_, reply) => {
    reply.send(200, [...fresh, 'Content-Type', 'text/plain', 'ETag', '"a"'], content);
  });
  await stand.get('/');
  const answer = await stand.get('/', { range: 'bytes=8-9, 0-1' });
  assert.equal(answer.status, 206);
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(answer.header('content-type') ?? '')?.[1];
  const part = (place: string, bytes: string) =>
    `--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${place}/10\r\n\r\n${bytes}\r\n`;
  assert.equal(answer.body, `${part('8-9', '89')}${part('0-1', '01')}--${boundary}--\r\n`);
  assert.equal(answer.header('content-length'), String(answer.bytes.length));
  assert.equal(answer.header('content-range'), undefined);
});

test('[case 54] several ranges of what is not stored yet are cut from the whole that is fetched', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => undefined, asked));
  const answer = await stand.get('/', { range: 'bytes=0-1,4-5' });
  assert.equal(answer.status, 206);
  assert.match(answer.body, /\r\n\r\n01\r\n.*\r\n\r\n45\r\n--/s);
  assert.match((await stand.get('/')).cacheStatus, /hit/);
  assert.deepEqual(asked, [undefined]);
});

test('clients that want the same part share one fetch; a purge takes parts too', async () => {
  const asked: (string | undefined)[] = [];
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const origin = ranging(() => '"a"', asked);
  await using stand = await edgeStand(async (request, reply) => {
    await opened;
    await origin(request, reply);
  });
  const both = [1, 2].map(() => stand.ask('/', { headers: { range: 'bytes=2-4' } }));
  await stand.begun(2);
  open();
  for (const asking of both) assert.equal((await asking.whole()).body, '234');
  assert.equal(asked.length, 1);
  const purge = await stand.send('PURGE', '/');
  assert.equal(purge.body, '{"purged":1}\n');
});

test('[case 53] one who wants a part while the whole is on its way gets it from there', async () => {
  let finish: (() => void) | undefined;
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand((request, reply) => {
    asked.push(field(request.fields, 'range'));
    reply.head(200, [...fresh, 'Content-Length', '10']);
    void reply.write('01234');
    finish = () => reply.end('56789');
  });
  const whole = stand.ask('/');
  await whole.head();
  const part = stand.ask('/', { headers: { range: 'bytes=2-3' } });
  assert.equal((await part.whole()).body, '23');
  finish?.();
  assert.equal((await whole.whole()).body, content);
  assert.deepEqual(asked, [undefined]);
});

test('parts are stale when they are stale', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => '"a"', asked));
  await stand.get('/', { range: 'bytes=0-4' });
  stand.clock.advance(61_000);
  await stand.get('/', { range: 'bytes=0-4' });
  assert.deepEqual(asked, ['bytes=0-4', 'bytes=0-4']);
});

test('[case 55] If-Range that does not hold asks for the whole', async () => {
  const asked: (string | undefined)[] = [];
  await using stand = await edgeStand(ranging(() => '"a"', asked));
  await stand.get('/', { range: 'bytes=0-4' });
  const answer = await stand.get('/', { range: 'bytes=0-4', 'if-range': '"b"' });
  assert.deepEqual([answer.status, answer.body], [200, content]);
});

test('a part of a page with markup is of no use: the whole is asked for, and composed', async () => {
  const page = 'a<esi:remove>b</esi:remove>c';
  const markup = ['Surrogate-Control', 'content="ESI/1.0"'];
  await using stand = await edgeStand((request, reply) => {
    const selected = selectRange(field(request.fields, 'range'), page.length);
    if (selected.verdict !== 'part') return void reply.send(200, [...fresh, ...markup], `<p>${page}`);
    const place = contentRange(selected.range, page.length);
    reply.send(206, [...fresh, ...markup, 'Content-Range', place], page.slice(5, 8));
  });
  const answer = await stand.get('/', { range: 'bytes=5-7' });
  assert.deepEqual([answer.status, answer.body], [200, '<p>ac']);
});

test('a range beyond the end does not let everybody fetch for himself', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (request, reply) => {
    if (field(request.fields, 'range') !== undefined) return void reply.send(416, ['Content-Range', 'bytes */10']);
    await open.promise;
    reply.send(200, fresh, content);
  });
  assert.equal((await stand.get('/', { range: 'bytes=99-' })).status, 416);
  const both = [stand.ask('/'), stand.ask('/')];
  await stand.begun(3);
  open.resolve();
  const answers = await Promise.all(both.map((asking) => asking.whole()));
  assert.equal(answers.filter(({ cacheStatus }) => cacheStatus.includes('collapsed')).length, 1);
  assert.equal(stand.origin.requests.length, 2);
});
