import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isToken, parameters, splitList, trimSpace, unquote } from './list.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
describe('splitList', () => {
  const table: [value: string, members: string[]][] = [
    ['', []],
    [' , ,\t, ', []],
    ['a', ['a']],
    ['a,b , c', ['a', 'b', 'c']],
    [',a,,b,', ['a', 'b']],
    ['private="a, b", no-cache', ['private="a, b"', 'no-cache']],
    ['x="a\\", b", c', ['x="a\\", b"', 'c']],
    ['"\\\\", c', ['"\\\\"', 'c']],
    ['a b;c="d;e", f', ['a b;c="d;e"', 'f']],
    ['x\\, y', ['x\\', 'y']],
    ['"", a', ['""', 'a']],
    ['\u00a0, a', ['\u00a0', 'a']],
  ];
  for (const [value, members] of table) {
    test(`${JSON.stringify(value)} has ${members.length} member(s)`, () => assert.deepEqual(splitList(value), members));
  }

  for (const value of ['x="a, no-store', 'x="a, no-store, y=\\"', '", no-store']) {
    test(`a quote that is never closed hides nothing: ${value}`, () => {
      assert.ok(splitList(value).includes('no-store'));
    });
  }

  test('a hundred thousand quotes without an end are split in one pass', () => {
    const started = performance.now();
    assert.equal(splitList('\\",'.repeat(100_000)).length, 100_000);
    // One pass takes milliseconds, a search for the end behind every quote many seconds.
    assert.ok(performance.now() - started < 2000);
  });

  test('quoted members come back as they were joined', () => {
    const quoted = fc.string({ maxLength: 8 }).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
    const token = fc.string({ unit: fc.constantFrom(...'ab=;1'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.oneof(quoted, token)), (members) => {
        assert.deepEqual(splitList(members.join(' ,\t')), members);
      }),
    );
  });
});

describe('parameters', () => {
  const table: [member: string, value: string, found: [string, string][]][] = [
    ['a', 'a', []],
    ['', '', []],
    ['a;b="c;d"', 'a', [['b', 'c;d']]],
    [
      'text/html ; Charset=UTF-8;\tQ=0.5',
      'text/html',
      [
        ['charset', 'UTF-8'],
        ['q', '0.5'],
      ],
    ],
    ['a;b', 'a', [['b', '']]],
    ['a;b=', 'a', [['b', '']]],
    ['a;b=c=d', 'a', [['b', 'c=d']]],
    ['a;b=1;B=2', 'a', [['b', '1']]],
    ['a;;=x; ;b=1', 'a', [['b', '1']]],
    [';b=1', '', [['b', '1']]],
    ['max-age=60', 'max-age=60', []],
    ['a;b = "c" ', 'a', [['b', 'c']]],
    ['a;b="c', 'a', [['b', '"c']]],
    ['"x;y";z=1', '"x;y"', [['z', '1']]],
    ['a;b="c\\"d"', 'a', [['b', 'c"d']]],
    ['a;__proto__=1', 'a', [['__proto__', '1']]],
  ];
  for (const [member, value, found] of table) {
    test(`${JSON.stringify(member)} is '${value}' with ${found.length} parameter(s)`, () => {
      assert.deepEqual(parameters(member), { value, parameters: new Map(found) });
    });
  }
});

describe('unquote', () => {
  const table = [
    ['"a"', 'a'],
    ['""', ''],
    ['"a\\"b"', 'a"b'],
    ['"\\\\"', '\\'],
    ['a', 'a'],
    ['', ''],
    ['"', '"'],
    ['"a', '"a'],
    ['a"', 'a"'],
    ['"a"b"', '"a"b"'],
    ['"a\\"', '"a\\"'],
    [' "a"', ' "a"'],
  ] as const;
  for (const [text, expected] of table) {
    test(`${text} is ${expected || 'empty'}`, () => assert.equal(unquote(text), expected));
  }
});

test('a token has no separators, no spaces and at least one character', () => {
  for (const token of ['a', 'GET', "!#$%&'*+-.^_`|~09azAZ"]) assert.ok(isToken(token), token);
  for (const none of ['', ' ', 'a b', 'a\n', 'a:', '"a"', 'a/b', 'a,b', 'é', 'a\0', '(a)', '{', '@']) {
    assert.ok(!isToken(none), none);
  }
});

test('only spaces and tabs are trimmed', () => {
  assert.equal(trimSpace(' \ta b\t '), 'a b');
  assert.equal(trimSpace('\u00a0a\r\n'), '\u00a0a\r\n');
  assert.equal(trimSpace(' \t '), '');
});

test('no string makes the list parser throw', () => {
  const noise = fc.string({
    unit: fc.oneof(fc.constantFrom(...'",;=\\ \ta'), character),
  });
  fc.assert(
    fc.property(noise, (text) => {
      for (const member of splitList(text)) assert.equal(typeof parameters(member).value, 'string');
      assert.equal(typeof unquote(text), 'string');
    }),
    { numRuns: 300 },
  );
});
