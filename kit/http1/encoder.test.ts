import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type Encoder, Encoders } from './encoder.ts';

const codings = ['zstd', 'br', 'gzip'] as const;
const decode = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync };
const decoders = { zstd: createZstdDecompress, br: createBrotliDecompress, gzip: createGunzip };

function begin(coding: (typeof codings)[number], length?: number, encoders = new Encoders()) {
  const encoder = encoders.begin(coding, length);
  assert.ok(encoder);
  const got = { chunks: [] as Buffer[], room: 0, faults: 0, takes: true };
  encoder.into({
    onBytes: (chunk) => {
      got.chunks.push(Buffer.from(chunk));
      return got.takes;
    },
    onRoom: () => {
      got.room += 1;
    },
    onFault: () => {
      got.faults += 1;
    },
  });
  const bytes = () => Buffer.concat(got.chunks);
  return { encoder, got, bytes };
}

function ended(encoder: Encoder): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  encoder.end(resolve);
  return promise;
}

for (const coding of codings) {
  test(`${coding}: what comes at once is compressed at once`, () => {
    const { encoder, bytes } = begin(coding, 3000);
    for (const letter of ['a', 'b', 'c']) assert.equal(encoder.write(Buffer.alloc(1000, letter)), true);
    let isOver = false;
    encoder.end(() => {
      isOver = true;
    });
    assert.equal(isOver, true);
    assert.equal(encoder.plainBytes, 3000);
    assert.equal(decode[coding](bytes()).toString(), 'a'.repeat(1000) + 'b'.repeat(1000) + 'c'.repeat(1000));
  });

  test(`${coding}: an empty body is one too`, async () => {
    const { encoder, bytes } = begin(coding);
    await ended(encoder);
    assert.equal(decode[coding](bytes()).length, 0);
  });

  test(`${coding}: a long body comes out as it went in`, async () => {
    const body = Buffer.concat([Buffer.alloc(300_000, 'text '), randomBytes(100_000)]);
    for (const length of [body.length, undefined]) {
      const { encoder, bytes } = begin(coding, length);
      for (let at = 0; at < body.length; at += 10_000) encoder.write(body.subarray(at, at + 10_000));
      await ended(encoder);
      assert.ok(decode[coding](bytes()).equals(body));
    }
  });

  test(`${coding}: no byte waits for the next one`, async () => {
    const { encoder, got } = begin(coding);
    const decoder = decoders[coding]();
    let seen = '';
    decoder.on('data', (bytes: Buffer) => {
      seen += bytes.toString();
    });
    let fed = 0;
    for (const event of ['one ', 'two ', 'three ']) {
      encoder.write(Buffer.from(event));
      await eventually(() => {
        for (const chunk of got.chunks.slice(fed)) decoder.write(chunk);
        fed = got.chunks.length;
        assert.ok(seen.endsWith(event));
      });
    }
    encoder.abandon();
    decoder.destroy();
  });

  test(`${coding}: where the bytes have nowhere to go, the origin is held back`, async () => {
    const body = randomBytes(1_000_000);
    const [held, free] = [begin(coding), begin(coding)];
    held.got.takes = false;
    for (let at = 0; at < body.length; at += 100_000) {
      const chunk = body.subarray(at, at + 100_000);
      assert.equal(held.encoder.write(chunk), false);
      free.encoder.write(chunk);
    }
    await ended(free.encoder);
    assert.ok(held.bytes().length < 200_000, `${held.bytes().length} bytes came`);
    assert.equal(held.got.room, 0);
    held.got.takes = true;
    held.encoder.resume();
    await eventually(() => assert.equal(held.got.room, 1));
    await ended(held.encoder);
    assert.ok(decode[coding](held.bytes()).equals(body));
  });

  test(`${coding}: abandoned, it says nothing more and holds nothing`, async () => {
    const encoders = new Encoders();
    const before = timers();
    for (const when of ['collecting', 'streaming', 'ending'] as const) {
      const { encoder, got } = begin(coding, undefined, encoders);
      encoder.write(Buffer.alloc(when === 'collecting' ? 10 : 100_000, 'x'));
      if (when === 'ending') encoder.end(() => assert.fail('it ended'));
      encoder.abandon();
      const { length } = got.chunks;
      assert.equal(encoder.write(Buffer.alloc(100_000)), true);
      encoder.end(() => assert.fail('it ended'));
      encoder.abandon();
      assert.equal(encoders.streams, 0);
      assert.equal(timers(), before);
      await new Promise(setImmediate);
      assert.deepEqual([got.chunks.length, got.faults], [length, 0]);
    }
  });
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a body that is longer than it was announced to be is a fault of ours, told once', async () => {
  const { encoder, got } = begin('zstd', 80_000);
  encoder.write(Buffer.alloc(60_000));
  encoder.write(Buffer.alloc(60_000));
  encoder.end(() => assert.fail('it ended'));
  await eventually(() => assert.equal(got.faults, 1));
});

test('only so many streams are open at once; what is short needs none', async () => {
  const encoders = new Encoders();
  const open = [];
  for (let next = encoders.begin('gzip', undefined); next !== undefined; next = encoders.begin('gzip', undefined)) {
    open.push(next);
  }
  assert.equal(open.length, encoders.streams);
  assert.ok(open.length >= 16 && open.length <= 128);
  assert.equal(encoders.begin('br', 1_000_000), undefined);
  assert.notEqual(encoders.begin('br', 1000), undefined);
  open[0]?.abandon();
  await Promise.all([open[1]].map((encoder) => encoder && ended(encoder)));
  assert.equal(encoders.streams, open.length - 2);
  assert.notEqual(encoders.begin('br', 1_000_000), undefined);
});

test('the window that a decoder has to hold is small', async () => {
  const { encoder, bytes } = begin('zstd');
  for (let i = 0; i < 20; i++) encoder.write(randomBytes(50_000));
  await ended(encoder);
  const params = { [constants.ZSTD_d_windowLogMax]: 17 };
  assert.equal(zstdDecompressSync(bytes(), { params }).length, 1_000_000);
});
