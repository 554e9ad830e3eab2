import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowlyReadPlainHead } from '../testing/plain-oracle.ts';
import { randomHead } from '../testing/random-heads.ts';
import { type Random, seededRandom } from '../testing/seeded-random.ts';
import { Inflow } from './inflow.ts';
import { mayBePlain, type PlainHead, readPlainHead } from './plain-head.ts';

const limits = { maxHead: 230, maxFields: 5, maxTarget: 12 };
const inputs = 1_000_000;
const seed = Number(process.hrtime.bigint() % 2n ** 32n);

/** The heads in the text as the lane cuts them, with the network splitting it up to three times. */
function throughInflow(text: string, random: Random): string[] {
  const bytes = Buffer.from(text, 'latin1');
  const inflow = new Inflow();
  const heads: string[] = [];
  let from = 0;
  for (let left = random.below(4); left >= 0; left--) {
    const to = left === 0 ? bytes.length : from + random.below(bytes.length - from + 1);
    inflow.add(bytes.subarray(from, to));
    from = to;
    for (let head = inflow.next(); head !== undefined; head = inflow.next()) heads.push(head.toString('latin1'));
  }
  heads.push(inflow.takeAll().toString('latin1'));
  return heads;
}

test(`a million inputs, cut anywhere, are read as the slow oracle reads them (seed ${seed})`, () => {
  const random = seededRandom(seed);
  let plain = 0;
  let known: string | undefined;
  for (let i = 0; i < inputs; i++) {
    const text = randomHead(random);
    const heads = throughInflow(text, random);
    assert.equal(heads.join(''), text);
    for (const head of heads) {
      const found = agreedReading(head, known);
      if (found === undefined) continue;
      const cut = random.below(head.length);
      assert.ok(mayBePlain(head.slice(0, cut)), JSON.stringify([head, cut]));
      plain += 1;
      known = found.host;
    }
  }
  // Else nothing was tried.
  assert.ok(plain > inputs / 20 && plain < inputs / 2, `${plain} plain heads`);
});

function agreedReading(head: string, known: string | undefined): PlainHead | undefined {
  const found = readPlainHead(head, limits, known);
  const expected = slowlyReadPlainHead(head, limits);
  if (!isSame(found, expected)) assert.deepEqual(found, expected, JSON.stringify(head));
  if (found === undefined) return undefined;
  for (let length = 0; length <= 6; length++) assert.ok(mayBePlain(head.slice(0, length)), head);
  return found;
}

function isSame(a: PlainHead | undefined, b: ReturnType<typeof slowlyReadPlainHead>): boolean {
  if (a === undefined || b === undefined) return a === b;
  const isSameLine = a.method === b.method && a.target === b.target && a.host === b.host && a.isLast === b.isLast;
  return isSameLine && a.fields.length === b.fields.length && a.fields.every((text, i) => text === b.fields[i]);
}
