import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type EntityTag, parseEntityTag, parseEntityTags, strongMatch, weakMatch } from './etag.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
const strong = (opaque: string): EntityTag => ({ weak: false, opaque });
const weak = (opaque: string): EntityTag => ({ weak: true, opaque });

describe('one entity tag', () => {
  const table: [text: string, tag: EntityTag | undefined][] = [
    ['"a"', strong('a')],
    ['W/"a"', weak('a')],
    ['""', strong('')],
    [' \t"a" ', strong('a')],
    ['"a,b"', strong('a,b')],
    ['"a\\"', strong('a\\')],
    ['"!#\u0080\u00ff~"', strong('!#\u0080\u00ff~')],
    ['"*"', strong('*')],
    ['', undefined],
    ['*', undefined],
    ['a', undefined],
    ['"a', undefined],
    ['a"', undefined],
    ['"', undefined],
    ['w/"a"', undefined],
    ['W"a"', undefined],
    ['W/ "a"', undefined],
    ['W/a', undefined],
    ['"a b"', undefined],
    ['"a"b"', undefined],
    ['"a"x', undefined],
    ['"a\u007f"', undefined],
    ['"a\n"', undefined],
    ['"\u0100"', undefined],
    ['"a", "b"', undefined],
  ];
  for (const [text, tag] of table) {
    test(`${JSON.stringify(text)} is ${tag === undefined ? 'none' : 'one'}`, () => {
      assert.deepEqual(parseEntityTag(text), tag);
    });
  }
});

describe('lists of entity tags', () => {
  const table: [value: string, tags: '*' | EntityTag[]][] = [
    ['*', '*'],
    [' * ', '*'],
    ['', []],
    ['"a"', [strong('a')]],
    ['"a", W/"b","c"', [strong('a'), weak('b'), strong('c')]],
    ['"a,b", "c"', [strong('a,b'), strong('c')]],
    [', ,"a",,', [strong('a')]],
    ['a, "b"', [strong('b')]],
    ['"a b", "c"', [strong('c')]],
    ['*, "a"', [strong('a')]],
    ['"a\\", "b"', [strong('a\\'), strong('b')]],
    ['"a" "b", "c"', [strong('c')]],
    ['"a", "b', [strong('a')]],
  ];
  for (const [value, tags] of table) {
    test(`${JSON.stringify(value)} is ${tags === '*' ? 'any' : tags.length}`, () => {
      assert.deepEqual(parseEntityTags(value), tags);
    });
  }
});

describe('comparison (RFC 9110 §8.8.3.2)', () => {
  const table: [a: EntityTag, b: EntityTag, strongly: boolean, weakly: boolean][] = [
    [weak('1'), weak('1'), false, true],
    [weak('1'), weak('2'), false, false],
    [weak('1'), strong('1'), false, true],
    [strong('1'), weak('1'), false, true],
    [strong('1'), strong('1'), true, true],
    [strong('a'), strong('A'), false, false],
  ];
  for (const [a, b, strongly, weakly] of table) {
    test(`${JSON.stringify(a)} and ${JSON.stringify(b)}: strong ${strongly}, weak ${weakly}`, () => {
      assert.equal(strongMatch(a, b), strongly);
      assert.equal(weakMatch(a, b), weakly);
    });
  }
});

const opaque = fc.string({ unit: fc.constantFrom(...'!#az,\\/*W\u0080\u00ff'), maxLength: 6 });
const tag: fc.Arbitrary<EntityTag> = fc.record({ weak: fc.boolean(), opaque });
const write = ({ weak, opaque }: EntityTag): string => `${weak ? 'W/' : ''}"${opaque}"`;

test('what is written as a list is read back', () => {
  fc.assert(
    fc.property(fc.array(tag), (tags) => {
      assert.deepEqual(
        parseEntityTags(tags.map(write).join(' , ')),
        tags.map(({ weak, opaque }) => ({ weak, opaque })),
      );
    }),
  );
});

test('no string makes the tag parser throw', () => {
  const noise = fc.string({
    unit: fc.oneof(fc.constantFrom(...'W/",* \\'), character),
  });
  fc.assert(
    fc.property(noise, (text) => {
      const tags = parseEntityTags(text);
      assert.ok(tags === '*' || tags.every((found) => parseEntityTag(write(found)) !== undefined));
    }),
    { numRuns: 300 },
  );
});
