import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import type { Whole } from '../testing/client.ts';
import { decoded } from '../testing/decoded.ts';
import { edgeStand, type StandOptions } from '../testing/stand.ts';

const body = Array.from({ length: 400 }, (_, i) => `line ${i} of a page that is long enough`).join('\n');
const page = ['Cache-Control', 'max-age=60', 'Content-Type', 'text/html', 'ETag', '"a"'];
const stand = (over: readonly string[] = [], options: StandOptions = {}) =>
  edgeStand((_, reply) => reply.send(200, [...page, ...over], body), options);

const heads = ({ header }: Pick<Whole, 'header'>) =>
  Object.fromEntries(
    ['content-encoding', 'content-length', 'etag', 'vary', 'accept-ranges'].map((n) => [n, header(n)]),
  );

for (const [accepted, coding] of [
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, br', 'br'],
  ['x-gzip', 'gzip'],
  ['br;q=0.1, *;q=0.5', 'zstd'],
] as const) {
  test(`[case 51] text is stored once in ${coding} for "${accepted}", and everybody gets what he can take`, async () => {
    await using edge = await stand();
    const miss = await edge.get('/', { 'accept-encoding': accepted });
    const [entry] = [...edge.edge.store.entries()];
    assert.ok(entry && entry.bodyLength < body.length / 4);
    const compressed = {
      'content-encoding': coding,
      'content-length': String(entry.bodyLength),
      etag: 'W/"a"',
      vary: 'Accept-Encoding',
    };
    assert.deepEqual(heads(miss), { ...compressed, 'accept-ranges': undefined });
    const plain = {
      'content-encoding': undefined,
      'content-length': String(body.length),
      etag: '"a"',
      vary: 'Accept-Encoding',
      'accept-ranges': 'bytes',
    };
    const others = [undefined, 'identity', 'deflate', `${coding};q=0`, `identity, ${coding};q=0.5`, 'identity;q=0, x'];
    for (const other of others) {
      const hit = await edge.get('/', other === undefined ? {} : { 'accept-encoding': other });
      assert.match(hit.cacheStatus, /hit/);
      assert.deepEqual([other, heads(hit), hit.body], [other, plain, body]);
      assert.equal(hit.header('age'), '0');
    }
    const same = await edge.get('/', { 'accept-encoding': accepted });
    assert.deepEqual(heads(same), { ...compressed, 'accept-ranges': 'bytes' });
    assert.ok(same.bytes.equals(miss.bytes));
    for (const whole of [miss, same]) assert.equal(decoded(whole).toString('latin1'), body);
    assert.equal(edge.origin.requests.length, 1);
  });
}

test('a client that takes no coding has nothing compressed, and nothing said about it', async () => {
  await using edge = await stand();
  const miss = await edge.get('/');
  assert.deepEqual([miss.body, miss.header('vary'), miss.header('etag')], [body, undefined, '"a"']);
  const hit = await edge.get('/', { 'accept-encoding': 'gzip' });
  assert.deepEqual([hit.body, hit.header('vary'), hit.header('content-encoding')], [body, undefined, undefined]);
});

const untouched: readonly [name: string, fields: readonly string[], options: StandOptions][] = [
  ['switched off', [], { compression: false }],
  ['short', [], { compressionMin: 1024 * 1024 }],
  ['not to be transformed', ['Cache-Control', 'no-transform'], {}],
  ['coded in a way that is not known', ['Content-Encoding', 'own'], {}],
  ['forbidden by the policy', [], { policy: { admit: () => ({ compress: false }) } }],
  ['not stored', ['Cache-Control', 'no-store'], {}],
];
for (const [name, fields, options] of untouched) {
  test(`a response goes on as it came: ${name}`, async () => {
    await using edge = await stand(fields, options);
    for (let i = 0; i < 2; i++) {
      const { header, body: got } = await edge.get('/', { 'accept-encoding': 'gzip' });
      assert.deepEqual([got, header('etag'), header('vary')], [body, '"a"', undefined]);
      assert.equal(header('content-length'), String(body.length));
    }
  });
}

test('a policy can ask for it where it is not usual', async () => {
  const policy = { admit: () => ({ compress: true }) };
  const script: Script = (_, reply) =>
    reply.send(
      200,
      ['Cache-Control', 'max-age=9', 'Content-Type', 'image/x-own'],
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    );
  await using edge = await edgeStand(script, { policy });
  const whole = await edge.get('/', { 'accept-encoding': 'gzip' });
  assert.equal(whole.header('content-encoding'), 'gzip');
  assert.equal(gunzipSync(whole.bytes).toString(), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
});

test('a policy that says anything but true or false costs its request a 503', async () => {
  const policy = { admit: () => JSON.parse('{"compress": "yes"}') };
  await using edge = await stand([], { policy });
  assert.equal((await edge.get('/')).status, 503);
});

test('[case 51] the Vary of the origin selects variants, the one that is added does not', async () => {
  await using edge = await stand(['Vary', 'X']);
  const gzip = { 'accept-encoding': 'gzip' };
  const first = await edge.get('/', { ...gzip, x: '1' });
  assert.equal(first.header('vary'), 'X, Accept-Encoding');
  assert.match((await edge.get('/', { x: '1' })).cacheStatus, /hit/);
  assert.match((await edge.get('/', { ...gzip, x: '2' })).cacheStatus, /vary-miss/);
  assert.equal(edge.edge.store.stats().entries, 2);
});

test('where the origin selects by Accept-Encoding, each variant is stored in the coding that was asked for', async () => {
  await using edge = await stand(['Vary', 'accept-encoding']);
  for (const coding of ['gzip', 'br', 'gzip', 'br']) {
    const whole = await edge.get('/', { 'accept-encoding': coding });
    assert.deepEqual([whole.header('content-encoding'), whole.header('vary')], [coding, 'accept-encoding']);
  }
  assert.equal((await edge.get('/')).header('content-encoding'), undefined);
  assert.equal(edge.origin.requests.length, 3);
});

test('digests of other bytes do not go with them', async () => {
  const digests = ['Content-MD5', 'm', 'Digest', 'd', 'Repr-Digest', 'r', 'Content-Digest', 'c'];
  await using edge = await stand(digests);
  const names = digests.filter((_, i) => i % 2 === 0);
  const coded = { 'accept-encoding': 'br' };
  for (const whole of [await edge.get('/', coded), await edge.get('/', coded)]) {
    assert.deepEqual(
      names.map(whole.header),
      names.map(() => undefined),
    );
  }
  const plain = await edge.get('/');
  assert.deepEqual(names.map(plain.header), ['m', 'd', 'r', 'c']);
});

test('[case 56] a HEAD tells what a GET would', async () => {
  await using edge = await stand();
  await edge.get('/', { 'accept-encoding': 'gzip' });
  for (const headers of [{ 'accept-encoding': 'gzip' }, {}] as Record<string, string>[]) {
    const [head, get] = [await edge.send('HEAD', '/', { headers }), await edge.get('/', headers)];
    assert.deepEqual([head.status, heads(head), head.bytes.length], [200, heads(get), 0]);
    assert.equal(Number(head.header('content-length')), get.bytes.length);
  }
});

const conditions: readonly [headers: Record<string, string>, status: number, etag?: string][] = [
  [{ 'if-none-match': '"a"' }, 304, '"a"'],
  [{ 'if-none-match': 'W/"a"' }, 304, '"a"'],
  [{ 'if-none-match': '"a"', 'accept-encoding': 'br' }, 304, 'W/"a"'],
  [{ 'if-none-match': 'W/"a"', 'accept-encoding': 'br' }, 304, 'W/"a"'],
  [{ 'if-none-match': '"b"', 'accept-encoding': 'br' }, 200, 'W/"a"'],
  [{ 'if-match': '"a"' }, 200, '"a"'],
  [{ 'if-match': '"a"', 'accept-encoding': 'br' }, 412, 'W/"a"'],
];
for (const [headers, status, etag] of conditions) {
  test(`${JSON.stringify(headers)} is answered ${status} with ${etag}`, async () => {
    await using edge = await stand();
    await edge.get('/', { 'accept-encoding': 'br' });
    const answer = await edge.get('/', headers);
    assert.deepEqual([answer.status, answer.header('etag')], [status, etag]);
    assert.equal(answer.header('vary'), 'Accept-Encoding');
    if (status !== 200) assert.deepEqual([answer.bytes.length, answer.header('content-encoding')], [0, undefined]);
  });
}

const zipped = gzipSync(body);
const fromOrigin = (extra: readonly string[], options: StandOptions = {}) =>
  edgeStand((_, reply) => reply.send(200, [...page, 'Content-Encoding', 'gzip', ...extra], zipped), options);
const told = ({ header }: Pick<Whole, 'header'>) => ['content-encoding', 'etag', 'content-md5', 'vary'].map(header);

test('what the origin compressed is decoded for who cannot', async () => {
  await using edge = await fromOrigin(['Content-MD5', 'm']);
  for (let i = 0; i < 2; i++) {
    const able = await edge.get('/', { 'accept-encoding': 'gzip' });
    assert.ok(able.bytes.equals(zipped));
    assert.deepEqual(told(able), ['gzip', '"a"', 'm', 'Accept-Encoding']);
    const unable = await edge.get('/');
    assert.equal(unable.body, body);
    assert.deepEqual(told(unable), [undefined, 'W/"a"', undefined, 'Accept-Encoding']);
  }
  assert.equal(edge.origin.requests.length, 1);
});

for (const [name, extra, options] of [
  ['switched off', [], { compression: false }],
  ['the origin forbids it', ['Cache-Control', 'no-transform'], {}],
] as const) {
  test(`what the origin compressed goes to everybody as it is: ${name}`, async () => {
    await using edge = await fromOrigin(extra, options);
    for (let i = 0; i < 2; i++) {
      const whole = await edge.get('/');
      assert.ok(whole.bytes.equals(zipped));
      assert.deepEqual(told(whole), ['gzip', '"a"', undefined, undefined]);
    }
  });
}

test('what the origin calls compressed and is not breaks the transfer off', async () => {
  const script: Script = (_, reply) => reply.send(200, [...page, 'Content-Encoding', 'gzip'], body);
  await using edge = await edgeStand(script);
  assert.equal((await edge.get('/', { 'accept-encoding': 'gzip' })).body, body);
  assert.equal(await edge.ask('/').outcome, 'broken');
  assert.equal((await edge.get('/', { 'accept-encoding': 'gzip' })).body, body);
});

test('a client that wants nothing transformed gets what the origin sent', async () => {
  await using edge = await stand();
  await edge.get('/', { 'accept-encoding': 'gzip' });
  const plain = await edge.get('/', { 'accept-encoding': 'gzip', 'cache-control': 'no-transform' });
  assert.deepEqual([plain.header('etag'), plain.body], ['"a"', body]);
});

for (const length of [1024, 65_536, 65_537, 300_000]) {
  test(`${length} bytes come out of the store as they went in`, async () => {
    const expected = Buffer.alloc(length, 'one of many lines\n');
    await using edge = await edgeStand((_, reply) => reply.send(200, page, expected));
    for (const coding of ['zstd', 'br', 'gzip']) {
      await edge.get(`/${coding}`, { 'accept-encoding': coding });
      const whole = await edge.get(`/${coding}`);
      assert.match(whole.cacheStatus, /hit/);
      assert.ok(whole.bytes.equals(expected));
      const part = await edge.get(`/${coding}`, { range: `bytes=${length - 20}-${length - 10}` });
      assert.deepEqual([part.status, part.bytes], [206, expected.subarray(-20, -9)]);
    }
  });
}
