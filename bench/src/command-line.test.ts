import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsId, readCommandLine, slowId, usage } from './command-line.ts';
import { pairs } from './pairs.ts';

test('without options everything is measured, nothing is written', () => {
  const wishes = readCommandLine([]);
  assert.deepEqual(wishes.plan, { requests: 20_000, rounds: 5, connections: 16, warmUp: 10_000 });
  assert.equal(wishes.pairs, pairs);
  assert.deepEqual([wishes.objects, wishes.isPinned, wishes.write], [1_000_000, true, undefined]);
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
  assert.deepEqual([wishes.objects, wishes.isPinned, wishes.write], [undefined, true, 'a.md']);
});

test('slow clients are measured with all, or when they are named', () => {
  const asked = [[], ['--only', 'app-slow'], ['--only', 'app-1']];
  assert.deepEqual(
    asked.map((args) => readCommandLine(args).slow),
    [true, true, false],
  );
});

test('many objects are measured like a pair, as many as wanted', () => {
  const wishes = readCommandLine(['--only', 'edge-objects', '--objects', '50000', '--no-pin']);
  assert.deepEqual([wishes.pairs, wishes.objects, wishes.isPinned], [[], 50_000, false]);
});

for (const [args, complaint] of [
  [['--requests', '0'], /--requests is a number from 1/],
  [['--rounds', 'many'], /--rounds is a number from 1/],
  [['--connections', '100000'], /--connections is a number from 1 to 1000/],
  [['--objects', '1000'], /--objects is a number from 2000 to 10000000/],
  [['--write', 'docs/performance.svg'], /names the page/],
  [['--only', 'edge-hit,cake'], /no cake; there are floor-net/],
  [['--cake'], /cake/],
] as const) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => readCommandLine(args), complaint);
  });
}

test('every pair has a name of its own, which the usage tells', () => {
  const ids = [...pairs.map(({ id }) => id), objectsId, slowId];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.ok(usage.includes(id));
});
