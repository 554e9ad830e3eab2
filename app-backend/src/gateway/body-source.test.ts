import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { BodySource } from './body-source.ts';

test('chunks come one by one, then the end, for ever', async () => {
  const source = new BodySource(Readable.from([Buffer.from('a'), Buffer.from('b')]));
  assert.deepEqual(await source.next(), { done: false, value: Buffer.from('a') });
  assert.deepEqual(await source.next(), { done: false, value: Buffer.from('b') });
  assert.deepEqual(await source.next(), { done: true, value: undefined });
  assert.deepEqual(await source.next(), { done: true, value: undefined });
});

test('the stream flows only while somebody waits', async () => {
  const stream = new PassThrough();
  const source = new BodySource(stream);
  assert.equal(stream.readableFlowing, false);
  const next = source.next();
  assert.equal(stream.readableFlowing, true);
  stream.write('a');
  await next;
  assert.equal(stream.readableFlowing, false);
});

for (const [what, error, pattern] of [
  ['an error', new Error('reset'), /reset/],
  ['a close', undefined, /closed/],
] as const) {
  test(`${what} in the middle rejects the wait and every later one`, async () => {
    const stream = new PassThrough();
    const source = new BodySource(stream);
    const next = source.next();
    stream.destroy(error);
    await assert.rejects(next, pattern);
    await assert.rejects(source.next(), pattern);
  });
}
