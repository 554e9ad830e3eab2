import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { ask, cacheStatus, nonce, script } from '../ask.ts';
import type { Case } from '../topology.ts';

const fresh = { 'cache-control': 'max-age=60' };

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
const codings = ['gzip', 'br', 'zstd'] as const;

const compressed = (coding: (typeof codings)[number]): Case => ({
  name: `text is stored in ${coding} for a client that takes it, and decoded from the same stored answer for one that does not`,
  async run({ edge }) {
    const page = script(edge, { ...fresh, etag: '"v1"', 'content-type': 'text/html', body: '20000' });
    const takesIt = { headers: { 'accept-encoding': coding } };
    const first = await ask(page, takesIt);
    const second = await ask(page, takesIt);
    assert.match(cacheStatus(second), /hit/);
    for (const answer of [first, second]) {
      const { etag, vary } = answer.headers;
      assert.deepEqual([answer.headers['content-encoding'], etag], [coding, 'W/"v1"']);
      assert.match(String(vary), /accept-encoding/i);
      assert.ok(answer.body.length < 10_000);
      assert.equal(decoders[coding](answer.body).length, 20_000);
    }
    assert.equal(second.headers['content-length'], String(second.body.length));
    const plain = await ask(page);
    assert.match(cacheStatus(plain), /hit/);
    assert.equal(nonce(plain), nonce(first));
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.deepEqual([plain.headers.etag, plain.headers['content-length']], ['"v1"', '20000']);
    assert.match(String(plain.headers.vary), /accept-encoding/i);
    assert.deepEqual(plain.body, decoders[coding](first.body));
  },
});

/** Which of the stored answers a client gets, and in which form. */
export const edgeContent: readonly Case[] = [
  ...codings.map(compressed),
  {
    name: 'a range of compressed text is one of the bytes of the application, for everybody',
    async run({ edge }) {
      const page = script(edge, { ...fresh, etag: '"v1"', body: '20000' });
      const coded = await ask(page, { headers: { 'accept-encoding': 'gzip' } });
      const whole = gunzipSync(coded.body);
      for (const more of [{}, { 'accept-encoding': 'gzip' }]) {
        const part = await ask(page, { headers: { range: 'bytes=100-199', ...more } });
        assert.deepEqual([part.status, part.headers['content-range']], [206, 'bytes 100-199/20000']);
        assert.equal(part.headers['content-encoding'], undefined);
        assert.deepEqual(part.body, whole.subarray(100, 200));
        assert.equal(nonce(part), nonce(coded));
      }
    },
  },
  {
    name: 'compressed text answers conditions and HEAD as the form that the client would get',
    async run({ edge }) {
      const page = script(edge, { ...fresh, etag: '"v1"', body: '20000' });
      const takesIt = { 'accept-encoding': 'gzip' };
      await ask(page, { headers: takesIt });
      for (const headers of [{ ...takesIt, 'if-none-match': 'W/"v1"' }, { 'if-none-match': '"v1"' }]) {
        const answer = await ask(page, { headers });
        assert.deepEqual([answer.status, answer.body.length], [304, 0]);
      }
      const head = await ask(page, { method: 'HEAD' });
      assert.deepEqual([head.headers['content-encoding'], head.headers['content-length']], [undefined, '20000']);
      const codedHead = await ask(page, { method: 'HEAD', headers: takesIt });
      assert.equal(codedHead.headers['content-encoding'], 'gzip');
    },
  },
  {
    name: 'what is no text, is short, or must not be transformed is not compressed',
    async run({ edge }) {
      for (const kind of [
        { ...fresh, 'content-type': 'image/png', body: '20000' },
        { ...fresh, body: '100' },
        { 'cache-control': 'max-age=60, no-transform', body: '20000' },
        { 'cache-control': 'no-store', body: '20000' },
      ]) {
        const answer = await ask(script(edge, kind), { headers: { 'accept-encoding': 'gzip, br, zstd' } });
        assert.equal(answer.headers['content-encoding'], undefined);
        assert.equal(answer.body.length, Number(kind.body));
      }
    },
  },
  {
    name: 'a stored language serves who would like no other better; who would is asked for',
    async run({ edge }) {
      const page = script(edge, { ...fresh, vary: 'Accept-Language', 'content-language': 'de' });
      const asking = (languages: string) => ask(page, { headers: { 'accept-language': languages } });
      const first = await asking('de');
      const second = await asking('de, en;q=0.5');
      assert.match(cacheStatus(second), /hit/);
      assert.equal(nonce(second), nonce(first));
      assert.match(cacheStatus(await asking('fr, de;q=0.5')), /fwd=vary-miss/);
    },
  },
  {
    name: 'parameters that No-Vary-Search names make no page of their own',
    async run({ edge }) {
      const page = script(edge, { ...fresh, 'no-vary-search': 'params=("ref")' });
      const first = await ask(new URL(`${page.href}&ref=mail`));
      for (const more of ['', '&ref=other']) {
        const answer = await ask(new URL(page.href + more));
        assert.match(cacheStatus(answer), /hit/);
        assert.equal(nonce(answer), nonce(first));
      }
      assert.notEqual(nonce(await ask(new URL(`${page.href}&size=2`))), nonce(first));
    },
  },
  {
    name: 'an unsafe method takes along the groups that its answer names, and the place it made',
    async run({ edge }) {
      const group = `g${process.pid}-${Date.now()}`;
      const grouped = script(edge, { ...fresh, 'cache-groups': `"other", "${group}"` });
      const outside = script(edge, { ...fresh, 'cache-groups': '"other"' });
      const made = script(edge, fresh);
      const first = [nonce(await ask(grouped)), nonce(await ask(outside)), nonce(await ask(made))];
      const place = made.pathname + made.search;
      const change = script(edge, { 'cache-group-invalidation': `"${group}"`, 'content-location': place });
      assert.equal((await ask(change, { method: 'POST', body: 'x' })).status, 200);
      assert.notEqual(nonce(await ask(grouped)), first[0]);
      assert.equal(nonce(await ask(outside)), first[1]);
      assert.notEqual(nonce(await ask(made)), first[2]);
    },
  },
  {
    name: 'what is ordered of edges alone counts before Cache-Control: CDN-Cache-Control, then Surrogate-Control',
    async run({ edge }) {
      const orders = {
        'cache-control': 'no-store',
        'surrogate-control': 'max-age=100',
        'cdn-cache-control': 'max-age=1000',
      };
      for (const [given, ttl] of [
        [orders, /hit; ?ttl=(?:1000|99\d)/],
        [{ ...orders, 'cdn-cache-control': '' }, /hit; ?ttl=(?:100|9\d)(?:;|$)/],
      ] as const) {
        const page = script(edge, given);
        const first = await ask(page);
        const second = await ask(page);
        assert.match(cacheStatus(second), ttl);
        assert.equal(nonce(second), nonce(first));
        assert.equal(second.headers['surrogate-control'], undefined, 'not for clients');
        assert.equal(second.headers['cache-control'], 'no-store');
      }
    },
  },
  {
    name: 'early hints of the application arrive while it is still thinking',
    async run({ edge }) {
      const page = script(edge, { delay: '500ms', 'early-hint': '</style.css>; rel=preload; as=style' });
      const seen: string[] = [];
      const answer = await ask(page, {
        onInterim: ({ statusCode, headers }) => seen.push(`${statusCode} ${headers.link}`),
      });
      assert.equal(answer.status, 200);
      assert.deepEqual(seen, ['103 </style.css>; rel=preload; as=style']);
    },
  },
];
