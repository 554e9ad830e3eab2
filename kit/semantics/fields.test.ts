import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entries, field, has, lines, withField, without } from './fields.ts';

const message = ['Host', 'a.example', 'Cache-Control', 'no-cache', 'X-Empty', '', 'CACHE-CONTROL', 'max-age=0'];

const table: [name: string, joined: string | undefined, lines: string[]][] = [
  ['host', 'a.example', ['a.example']],
  ['cache-control', 'no-cache, max-age=0', ['no-cache', 'max-age=0']],
  ['x-empty', '', ['']],
  ['hos', undefined, []],
  ['hose', undefined, []],
  ['a.example', undefined, []],
  ['', undefined, []],
];
for (const [name, joined, all] of table) {
  test(`'${name}' is ${JSON.stringify(joined)}, in ${all.length} line(s)`, () => {
    assert.equal(field(message, name), joined);
    assert.deepEqual(lines(message, name), all);
    assert.equal(has(message, name), joined !== undefined);
  });
}

test('a letter and a sign that differ only in the case bit are different names', () => {
  assert.equal(has(['x^', '1'], 'x~'), false);
  assert.equal(has(['x@', '1'], 'x`'), false);
});

test('letters outside ASCII are not folded into ASCII ones', () => {
  assert.equal(has(['\u212aeep-alive', '1'], 'keep-alive'), false);
});

test('without drops by the lower-case name and leaves the original alone', () => {
  const before = [...message];
  assert.deepEqual(
    without(message, (name) => name === 'cache-control'),
    ['Host', 'a.example', 'X-Empty', ''],
  );
  assert.deepEqual(message, before);
});

test('withField puts one line at the end in place of all of that name', () => {
  assert.deepEqual(withField(message, 'cache-control', 'private'), [
    ...['Host', 'a.example', 'X-Empty', '', 'cache-control', 'private'],
  ]);
  assert.deepEqual(withField([], 'Age', '1'), ['Age', '1']);
});

test('a name without a value at the end of the list is no line', () => {
  assert.deepEqual([...entries(['A', '1', 'B'])], [['A', '1']]);
  assert.equal(has(['A', '1', 'B'], 'b'), false);
});

const name = fc.string({ unit: fc.constantFrom(...'aBbC-_1'), minLength: 1, maxLength: 3 });
const anyMessage = fc.array(fc.tuple(name, fc.string({ maxLength: 5 })), { maxLength: 8 });

test('every question agrees with a search over lower-case names', () => {
  fc.assert(
    fc.property(anyMessage, name, (pairs, asked) => {
      const wanted = asked.toLowerCase();
      const expected = pairs.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
      const flat = pairs.flat();
      assert.deepEqual([...entries(flat)], pairs);
      assert.deepEqual(lines(flat, wanted), expected);
      assert.equal(field(flat, wanted), expected.length === 0 ? undefined : expected.join(', '));
      assert.equal(field(withField(flat, asked, 'new'), wanted), 'new');
    }),
    { numRuns: 200 },
  );
});
