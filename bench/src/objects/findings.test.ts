import assert from 'node:assert/strict';
import { test } from 'node:test';
import { side } from '../testing/outcomes.ts';
import { findings } from './findings.ts';
import type { Filling, KindFigures, ObjectFigures } from './measure-objects.ts';

const filling = (more: Partial<Filling> = {}): Filling => ({
  range: [80_000, 101_000],
  last: side('edge-cache', [100]),
  residentBefore: 100_000_000,
  residentAfter: 180_000_000,
  collections: { full: 3, longestMs: 40 },
  ...more,
});

const kind = (name: string, [few, many]: readonly [number, number]): KindFigures => ({
  filling: filling(),
  mixed: { few: side(name, [few * 2]), many: side(name, [many * 2]) },
  hits: { few: side(name, [few]), many: side(name, [many]) },
});

const figures = (more: Partial<ObjectFigures> = {}): ObjectFigures => ({
  objects: 101_000,
  edge: kind('edge-cache', [10, 13]),
  varnish: kind('Varnish', [20, 21]),
  mixedCollections: { few: { full: 0, longestMs: 2 }, many: { full: 1, longestMs: 30 } },
  ...more,
});

test('ours with many objects is held against ours with few, and either against the peer', () => {
  const rows = findings(figures()).outcomes.map(({ what, ours, peer, goal }) => [
    what,
    peer?.name,
    (ours.rounds[0]?.cpuUs ?? 0) / (peer?.rounds[0]?.cpuUs ?? 0),
    goal,
  ]);
  assert.deepEqual(rows, [
    ['edge: hit among 101,000', 'among 1,000', 1.3, 1.2],
    ['edge: hit among 101,000', 'Varnish', 13 / 21, 0.5],
    ['edge: hit among 1,000', 'Varnish', 0.5, 0.5],
    ['edge: hit among 101,000, 5 % new', 'among 1,000', 1.3, undefined],
  ]);
});

test('memory of an object is what the server grew by, without what the origin sent', () => {
  const [memory] = findings(figures()).claims;
  const sent = Number(/\((\d+) bytes\)/.exec(memory?.what ?? '')?.[1]);
  assert.equal(memory?.seen, `${800 - sent} bytes`);
  assert.equal(memory?.isReached, true);
});

for (const [growth, isReached] of [
  [1_200, true],
  [1_300, false],
] as const) {
  test(`${growth} bytes of memory for each object ${isReached ? 'are' : 'are not'} what was aimed at`, () => {
    const grown = filling({ residentAfter: 100_000_000 + growth * 100_000 });
    const [memory] = findings(figures({ edge: { ...kind('edge', [1, 1]), filling: grown } })).claims;
    assert.equal(memory?.isReached, isReached);
  });
}

test('the slowest hundredth of the worst round counts', () => {
  const slow = side('edge-cache', [10, 20, 30]);
  const rounds = slow.rounds.map((round, n) => ({ ...round, p99Ms: n === 1 ? 101 : 1 }));
  const edge = { ...kind('edge-cache', [10, 13]), mixed: { few: slow, many: { ...slow, rounds } } };
  const claim = findings(figures({ edge })).claims.find(({ what }) => /101,000, 5 % new: p99/.test(what));
  assert.deepEqual([claim?.seen, claim?.goal, claim?.isReached], ['101.0 ms', '≤ 100.0 ms', false]);
});

test('pauses of the collector are told, with how often the whole heap was gone through', () => {
  const pauses = findings(figures()).claims.filter(({ what }) => /pause of the collector/.test(what));
  assert.deepEqual(
    pauses.map(({ seen }) => seen),
    ['40.0 ms (3 full)', '30.0 ms (1 full)', '2.0 ms (0 full)'],
  );
});

test('nothing is claimed of a peer that is missing', () => {
  const none = side('Varnish', [], { missing: 'Varnish is not installed' });
  const both = { few: none, many: none };
  const varnish = { filling: filling({ last: none }), mixed: both, hits: both };
  const { claims } = findings(figures({ varnish }));
  assert.deepEqual(
    claims.filter(({ what }) => what.startsWith('Varnish')),
    [],
  );
});
