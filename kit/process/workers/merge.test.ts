import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byName, byPlace, merged, type Rules } from './merge.ts';

for (const [what, values, rules, expected] of [
  ['numbers are added up', [{ a: 1 }, { a: 2 }], {}, { a: 3 }],
  ['objects are merged member by member', [{ a: { b: 1 } }, { a: { b: 2, c: 3 } }], {}, { a: { b: 3, c: 3 } }],
  ['of texts the first is taken', [{ a: 'x' }, { a: 'y' }], {}, { a: 'x' }],
  ['of lists the first is taken', [{ a: [1] }, { a: [2] }], {}, { a: [1] }],
  ['what is not there does not count', [{ a: null }, { a: 4 }, {}], {}, { a: 4 }],
  ['what nobody has is null', [{ a: null }, { a: null }], {}, { a: null }],
  [
    'a rule is for its path',
    [
      { a: { b: 1 }, b: 1 },
      { a: { b: 5 }, b: 5 },
    ],
    { 'a/b': 'max' },
    { a: { b: 5 }, b: 6 },
  ],
  [
    'a star is for any one step',
    [{ a: { x: { n: 1 } } }, { a: { x: { n: 2 } } }],
    { 'a/*/n': 'max' },
    { a: { x: { n: 2 } } },
  ],
  [
    'a name before a star',
    [{ a: { x: 1, y: 1 } }, { a: { x: 2, y: 2 } }],
    { 'a/*': 'max', 'a/y': 'sum' },
    { a: { x: 2, y: 3 } },
  ],
  ['all must be so', [{ a: true }, { a: false }], { a: 'and' }, { a: false }],
  ['one must be so', [{ a: false }, { a: true }], { a: 'or' }, { a: true }],
  ['names with dots', [{ 'MAIN.a': 1 }, { 'MAIN.a': 2 }], { 'MAIN.a': 'first' }, { 'MAIN.a': 1 }],
] as readonly [string, object[], Rules, object][]) {
  test(`of several answers, ${what}`, () => assert.deepEqual(merged(values, rules), expected));
}

test('objects of the same name in lists become one, in order of appearance', () => {
  const lists = [
    [
      { at: 'b', n: 1, max: 1 },
      { at: 'a', n: 2, max: 9 },
    ],
    [
      { at: 'a', n: 3, max: 4 },
      { at: 'c', n: 4, max: 1 },
    ],
  ];
  assert.deepEqual(byName('at', { max: 'max' })(lists), [
    { at: 'b', n: 1, max: 1 },
    { at: 'a', n: 5, max: 9 },
    { at: 'c', n: 4, max: 1 },
  ]);
});

test('lists of the same length are merged place by place', () => {
  assert.deepEqual(byPlace()([[{ n: 1 }, { n: 2 }], [{ n: 10 }, { n: 20 }], []]), [{ n: 11 }, { n: 22 }]);
});

const leaf = fc.record({
  n: fc.integer({ min: 0, max: 1e6 }),
  deep: fc.record({ m: fc.integer({ min: 0, max: 1e6 }) }),
});

test('sums do not depend on the order of the workers, nor on how they are grouped', () => {
  fc.assert(
    fc.property(fc.array(leaf, { minLength: 2 }), fc.nat(), (answers, cut) => {
      const at = 1 + (cut % (answers.length - 1));
      const whole = merged(answers);
      assert.deepEqual(merged([...answers].reverse()), whole);
      assert.deepEqual(merged([merged(answers.slice(0, at)), merged(answers.slice(at))]), whole);
    }),
  );
});

test('one answer alone stays as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
      const answer = JSON.parse(JSON.stringify(given));
      assert.deepEqual(merged([answer]), answer);
    }),
  );
});
