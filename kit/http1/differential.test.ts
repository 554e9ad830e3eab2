// Both lanes give the same bytes and the same records, however the network cuts the request.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bothWays } from '../testing/both-ways.ts';
import { everySplit } from '../testing/every-split.ts';
import { requestCorpus } from '../testing/request-corpus.ts';

const limits = { maxHead: 4_000, maxFields: 64, maxTarget: 2_000 };
const closing = Buffer.from('GET /fast/1?last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');

/** Short ones over every split; of long ones whole, byte by byte, and in two at some places that depend on `salt`. */
function* splits(bytes: Uint8Array, salt: number): Generator<Uint8Array[]> {
  if (bytes.length <= 56) return yield* everySplit(bytes);
  yield [bytes];
  if (bytes.length <= 1_000) yield Array.from(bytes, (byte) => Uint8Array.of(byte));
  const step = Math.ceil(bytes.length / 12);
  for (let at = 1 + (salt % step); at < bytes.length; at += step) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

describe('both lanes say the same to', { concurrency: 4 }, () => {
  for (const [salt, { what, bytes, isCut }] of requestCorpus.entries()) {
    test(what, async () => {
      await using pair = await bothWays({ limits });
      for (const parts of splits(Buffer.from(bytes, 'latin1'), salt)) {
        const { fast, slow } = await pair.ask(isCut ? parts : [...parts, closing], isCut);
        assert.deepEqual(
          fast,
          slow,
          `sent as ${JSON.stringify(parts.map((part) => Buffer.from(part).toString('latin1')))}`,
        );
        assert.doesNotMatch(slow.text, /did not close/);
      }
    });
  }
});
