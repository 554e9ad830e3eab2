import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from './body.ts';
import { chain, MemoryEntry } from './memory-entry.ts';
import { headBytes, redrafted } from './store.ts';
import { draftOf } from './store-contract.ts';

// Nothing in it is what it would be by itself.
const draft = draftOf({
  path: '/a',
  key: 'own key',
  url: 'host/a',
  hostLength: 4,
  vary: ['accept'],
  variant: 'accept: x',
  status: 206,
  isEsi: true,
  sent: 'X-Sent: 1\r\n',
  held: 'X-Held: 1\r\n',
  trailers: 'X-Sum: 1\r\n',
  life: { born: 1, freshUntil: 2, graceUntil: 3, errorUntil: 4, keepUntil: 5 },
  tags: ['t'],
  servesAuthorized: true,
  part: { first: 0, last: 3, size: 9, asked: 'bytes=0-3' },
  sinceBan: 7,
});
const entryOf = (bytes: number) => new MemoryEntry(draft, new Body([Buffer.alloc(bytes)]));

test('an entry is what was admitted, in every member', () => {
  const { path: _, ...expected } = { path: '', ...draft };
  assert.deepEqual(redrafted(entryOf(4), {}), expected);
});

test('an entry has been tested against the bans that are older than its fetch, and asked for by nobody', () => {
  assert.partialDeepStrictEqual(entryOf(4), { testedBan: 7, takers: undefined, isUsed: false });
});

test('an entry takes the room of its head and of its body', () => {
  const [entry, longer] = [entryOf(4), entryOf(1004)];
  assert.deepEqual([entry.bodyLength, entry.size], [4, headBytes(draft) + 4]);
  assert.equal(longer.size - entry.size, 1000);
});

test('the variants of a key are told newest first', () => {
  const [oldest, middle, newest] = [entryOf(1), entryOf(2), entryOf(3)];
  assert.deepEqual(chain(newest), [newest]);
  newest.older = middle;
  middle.older = oldest;
  assert.deepEqual(
    chain(newest).map(({ bodyLength }) => bodyLength),
    [3, 2, 1],
  );
});
