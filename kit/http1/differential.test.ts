// Both lanes give the same bytes and the same records, however the network cuts the request.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bothWays, type Told } from '../testing/both-ways.ts';
import { everySplit } from '../testing/every-split.ts';
import { statuses } from '../testing/http-text.ts';
import { randomHead } from '../testing/random-heads.ts';
import { type CorpusEntry, requestCorpus } from '../testing/request-corpus.ts';
import { type Random, seededRandom } from '../testing/seeded-random.ts';

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

const shown = (parts: readonly Uint8Array[]) =>
  JSON.stringify(parts.map((part) => Buffer.from(part).toString('latin1')));

/** Says the entry to both, cut in these ways, and wants the same of them. */
async function agreed({ bytes, isCut, isBeyond }: CorpusEntry, salt: number): Promise<void> {
  await using pair = await bothWays({ limits });
  for (const parts of splits(Buffer.from(bytes, 'latin1'), salt)) {
    const { fast, slow } = await pair.ask(isCut ? parts : [...parts, closing], isCut);
    assert.doesNotMatch(slow.text, /did not close/);
    if (isBeyond) assert.deepEqual(statuses(fast.text), statuses(slow.text));
    else assert.deepEqual(fast, slow, `sent as ${shown(parts)}`);
  }
}

describe('both lanes say the same to', { concurrency: 4 }, () => {
  for (const [salt, entry] of requestCorpus.entries()) test(entry.what, () => agreed(entry, salt));
});

const seed = Number(process.hrtime.bigint() % 2n ** 32n);

/** Up to four requests, known ones and random ones, cut at up to four places. */
function randomParts(random: Random): Uint8Array[] {
  const whole = requestCorpus.filter(({ isCut, isBeyond }) => !isCut && !isBeyond);
  const one = () => (random.below(2) === 0 ? random.of(whole).bytes : randomHead(random));
  const bytes = Buffer.from(Array.from({ length: 1 + random.below(4) }, one).join(''), 'latin1');
  const cuts = Array.from({ length: random.below(5) }, () => random.below(bytes.length)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i])).filter((part) => part.length > 0);
}

const answeredOf = ({ records }: Told) => records.filter((record) => !record.includes('"bytes":0,'));

test(`both lanes say the same to what is pipelined at random (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  let left = 2_000;
  const visitors = Array.from({ length: 4 }, async () => {
    await using pair = await bothWays({ limits });
    for (; left > 0; left--) {
      const parts = randomParts(random);
      const { fast, slow } = await pair.ask(parts, true);
      assert.equal(fast.text, slow.text, `sent as ${shown(parts)}`);
      // Whether what came behind the last answer still met a connection is a matter of time; nothing was sent for it.
      const isAccounted = fast.unaccounted === 0 && slow.unaccounted === 0;
      if (isAccounted) assert.deepEqual(answeredOf(fast), answeredOf(slow), `sent as ${shown(parts)}`);
    }
  });
  await Promise.all(visitors);
});
