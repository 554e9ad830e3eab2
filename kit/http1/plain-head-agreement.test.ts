import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeReads } from '../testing/node-reads.ts';
import { randomHead } from '../testing/random-heads.ts';
import { requestCorpus } from '../testing/request-corpus.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { type PlainHead, readPlainHead } from './plain-head.ts';
import { judge } from './strictness.ts';

const seed = Number(process.hrtime.bigint() % 2n ** 32n);
const wanted = 60_000;
const limits = { maxHead: 150, maxFields: 4, maxTarget: 20 };

/** What the slow lane makes of it: the parser's reading, judged. */
async function slowReading(reads: ReturnType<typeof nodeReads>, text: string) {
  const { requests, complaint } = await reads.read(text);
  assert.deepEqual([requests.length, complaint], [1, undefined], JSON.stringify(text));
  const [request] = requests;
  assert.ok(request);
  const { method = '', url = '', httpVersion: version, rawHeaders } = request;
  assert.ok(request.complete);
  assert.equal(request.listenerCount('data'), 0);
  return { method, version, judged: judge({ method, target: url, version, fields: rawHeaders }, limits) };
}

const expected = ({ method, target, host, fields }: PlainHead) => ({
  method,
  version: '1.1',
  judged: { verdict: 'accept' as const, target, host, fields },
});

test(`what is plain means the same to node:http and is accepted, ${wanted} heads (seed ${seed})`, async () => {
  using reads = nodeReads();
  const random = seededRandom(seed);
  for (let plain = 0; plain < wanted; ) {
    const text = randomHead(random);
    const head = readPlainHead(text, limits);
    if (head === undefined) continue;
    plain += 1;
    assert.deepEqual(await slowReading(reads, text), expected(head), JSON.stringify(text));
  }
});

test('so does every plain one of the corpus', async () => {
  using reads = nodeReads();
  let plain = 0;
  for (const { bytes } of requestCorpus) {
    const head = readPlainHead(bytes, limits);
    if (head === undefined) continue;
    plain += 1;
    assert.deepEqual(await slowReading(reads, bytes), expected(head), JSON.stringify(bytes));
  }
  assert.ok(plain > 30, `${plain} plain ones`);
});
