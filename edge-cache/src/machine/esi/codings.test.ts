import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { brotliCompressSync, constants, createZstdCompress, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { esi, fragment, fresh, include, site } from '../../testing/esi-site.ts';
import { edgeStand } from '../../testing/stand.ts';

const encoders: Readonly<Record<string, (bytes: string | Buffer) => Buffer>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  deflate: deflateSync,
  'GZIP, br': (bytes) => brotliCompressSync(gzipSync(bytes)),
  identity: (bytes) => Buffer.from(bytes),
};

const filler = Array.from({ length: 20_000 }, (_, n) => n.toString(36)).join(' ');

for (const [coding, encode] of Object.entries(encoders)) {
  const coded = (body: string, fields: readonly string[]) =>
    fragment(encode(body), [...fields, 'Content-Encoding', coding]);

  test(`[case 46] [case 47] a page in ${coding} and fragments in none, and the other way round, make a page in none`, async () => {
    await using stand = await edgeStand(
      site({
        '/coded': coded(`<p>1${include('/plain')}2${filler}`, esi),
        '/': `<p>1${include('/f')}2${include('/coded')}`,
        '/f': coded(`[${filler}]`, fresh),
        '/plain': fragment('[plain]'),
      }),
    );
    for (const accepted of ['gzip, br, zstd', 'gzip;q=0', 'identity']) {
      const page = await stand.get('/', { 'accept-encoding': accepted });
      assert.equal(page.body, `<p>1[${filler}]2<p>1[plain]2${filler}`);
      assert.equal(page.header('content-encoding'), undefined);
      const other = await stand.get('/coded', { 'accept-encoding': accepted });
      assert.equal(other.body, `<p>1[plain]2${filler}`);
      assert.equal(other.header('content-encoding'), undefined);
    }
  });

  if (coding === 'identity') continue;
  for (const [name, bad] of [
    ['cut short', encode(`<p>${filler}`).subarray(0, -4)],
    ['corrupt', Buffer.from('<p>no coding at all')],
  ] as const) {
    test(`[case 46] a page in ${coding} that is ${name} breaks off`, async () => {
      await using stand = await edgeStand(
        site({ '/': (reply) => reply.send(200, [...esi, 'Content-Encoding', coding], bad) }),
      );
      for (const _ of ['fetched', 'stored']) assert.equal(await stand.ask('/').outcome, 'broken');
    });

    test(`[case 46] a fragment in ${coding} that is ${name} has failed`, async () => {
      const small = name === 'corrupt' ? bad : encode('<p>not so much').subarray(0, -2);
      await using stand = await edgeStand(
        site({
          '/must': `<p>1${include('/f')}2`,
          '/may': `<p>1${include('/small', 'onerror="continue"')}2${include('/small', 'alt="/ok"')}`,
          '/ok': fragment('[ok]'),
          '/f': (reply) => reply.send(200, [...fresh, 'Content-Encoding', coding], bad),
          '/small': (reply) => reply.send(200, [...fresh, 'Content-Encoding', coding], small),
        }),
      );
      for (const _ of ['fetched', 'stored']) {
        assert.equal(await stand.ask('/must').outcome, 'broken');
        assert.equal((await stand.get('/may')).body, '<p>12[ok]');
      }
    });
  }
}

test('[case 46] a gzip fragment with something behind its end has failed, as in Varnish', async () => {
  const bytes = Buffer.concat([gzipSync('[f]'), Buffer.from('trailing')]);
  await using stand = await edgeStand(
    site({
      '/': `<p>1${include('/f', 'onerror="continue"')}2`,
      '/must': `<p>1${include('/f')}2`,
      '/f': (reply) => reply.send(200, [...fresh, 'Content-Encoding', 'gzip'], bytes),
    }),
  );
  assert.equal((await stand.get('/')).body, '<p>12');
  assert.equal(await stand.ask('/must').outcome, 'broken');
});

test('a gzip fragment of several members is all of them', async () => {
  const bytes = Buffer.concat([gzipSync('[f]'), gzipSync('[g]')]);
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/f')}`,
      '/f': (reply) => reply.send(200, [...fresh, 'Content-Encoding', 'gzip'], bytes),
    }),
  );
  assert.equal((await stand.get('/')).body, '<p>[f][g]');
});

test('a page in zstd that wants more memory than RFC 9659 allows breaks off', async () => {
  const params = { [constants.ZSTD_c_windowLog]: 25, [constants.ZSTD_c_contentSizeFlag]: 0 };
  const writer = createZstdCompress({ params });
  const coded = await buffer(Readable.from([Buffer.alloc(40_000_000)]).pipe(writer));
  await using stand = await edgeStand(
    site({ '/': (reply) => reply.send(200, [...esi, 'Content-Encoding', 'zstd'], coded) }),
  );
  assert.equal(await stand.ask('/').outcome, 'broken');
});

test('[case 46] an empty fragment in gzip is empty', async () => {
  await using stand = await edgeStand(
    site({
      '/': `<p>1${include('/empty')}2${include('/nothing')}3${include('/none')}`,
      '/empty': (reply) => reply.send(200, [...fresh, 'Content-Encoding', 'gzip'], gzipSync('')),
      '/none': (reply) => reply.send(200, [...fresh, 'Content-Encoding', 'gzip'], ''),
      '/nothing': (reply) => reply.send(204, [...fresh, 'Content-Encoding', 'gzip']),
    }),
  );
  assert.equal((await stand.get('/')).body, '<p>123');
});

test('a page in a coding that is not known here stays as it is, and such a fragment has failed', async () => {
  await using stand = await edgeStand(
    site({
      '/coded': (reply) => reply.send(200, [...esi, 'Content-Encoding', 'rot13'], `<p>${include('/f')}`),
      '/': `<p>${include('/f', 'onerror="continue"')}2`,
      '/f': (reply) => reply.send(200, [...fresh, 'Content-Encoding', 'rot13'], 'x'),
    }),
  );
  const page = await stand.get('/coded');
  assert.deepEqual([page.body, page.header('content-encoding')], [`<p>${include('/f')}`, 'rot13']);
  assert.equal((await stand.get('/')).body, '<p>2');
});
