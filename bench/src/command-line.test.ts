import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine, usage } from './command-line.ts';
import { pairs } from './pairs.ts';

test('without options everything is measured, nothing is written', () => {
  const wishes = readCommandLine([]);
  assert.deepEqual(wishes.plan, { requests: 20_000, rounds: 5, connections: 16, warmUp: 10_000 });
  assert.equal(wishes.pairs, pairs);
  assert.equal(wishes.write, undefined);
});

test('options choose the load, the pairs in their order, and the file', () => {
  const wishes = readCommandLine([
    '--requests=5000',
    '--rounds',
    '3',
    '--only',
    'edge-pass,edge-hit',
    '--write',
    'a.md',
  ]);
  assert.deepEqual(wishes.plan, { requests: 5_000, rounds: 3, connections: 16, warmUp: 10_000 });
  assert.deepEqual(
    wishes.pairs.map(({ id }) => id),
    ['edge-pass', 'edge-hit'],
  );
  assert.equal(wishes.write, 'a.md');
});

for (const [args, complaint] of [
  [['--requests', '0'], /--requests is a number from 1/],
  [['--rounds', 'many'], /--rounds is a number from 1/],
  [['--connections', '100000'], /--connections is a number from 1 to 1000/],
  [['--only', 'edge-hit,cake'], /no cake; there are floor-net/],
  [['--cake'], /cake/],
] as const) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => readCommandLine(args), complaint);
  });
}

test('every pair has a name of its own, which the usage tells', () => {
  assert.equal(new Set(pairs.map(({ id }) => id)).size, pairs.length);
  for (const { id } of pairs) assert.ok(usage.includes(id));
});
