import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Pattern, readPattern } from './ban-pattern.ts';
import { PatternMachine } from './pattern-machine.ts';
import { parsePattern } from './pattern-parser.ts';

function pattern(source: string, ignoresCase = false): Pattern {
  const reading = readPattern(source, ignoresCase);
  assert.equal(reading.verdict, 'pattern', JSON.stringify(reading));
  return reading.verdict === 'pattern' ? reading.pattern : assert.fail();
}

describe('what a pattern matches', () => {
  const cases: readonly (readonly [source: string, matching: readonly string[], others: readonly string[]])[] = [
    ['', ['', 'a'], []],
    ['^/x', ['/x', '/xy'], ['/a/x', '']],
    ['\\.(png|jpe?g)$', ['a.png', 'b.jpg', 'c.jpeg'], ['a.pngx', 'apng']],
    ['(?i)^/ABC', ['/abc', '/AbC'], ['/ab']],
    ['^(?i)(www\\.)?Example\\.com$', ['example.COM', 'WWW.example.com'], ['wwwXexample.com']],
    ['^/\\A?', [], []],
    ['\\A/a\\z', ['/a'], ['/a/', 'x/a']],
    ['/a\\Z', ['/a'], ['/ab']],
    ['\\Qa.b*\\E+c', ['a.b*+c'.replace('*+', '*'), 'a.b**c'], ['aXb*c']],
    ['[[:alpha:]_]+[^[:alnum:]]$', ['ab_!', 'a-'], ['ab1', '-']],
    ['[]a]b', [']b', 'ab'], ['b', 'cb']],
    ['[^]a]b', ['cb'], [']b', 'ab']],
    ['[a\\-c]x', ['ax', '-x', 'cx'], ['bx']],
    ['[\\d-x]y', ['1y', '-y', 'xy'], ['ay']],
    ['\\x41\\x{42}', ['AB'], ['ab']],
    ['\\h\\H', [' a', '\ta'], ['  ', 'aa']],
    ['a{2}', ['aa'], ['a']],
    ['^a{2,}$', ['aa', 'aaaa'], ['a']],
    ['^a{1,2}?$', ['a', 'aa'], ['aaa', '']],
    ['a{x}', ['a{x}'], ['ax']],
    ['(?:a|)b', ['b', 'ab'], ['a']],
    ['^(a+)+$', ['aaa'], ['aab']],
    ['^(?<year>\\d{4})-(?P<month>\\d\\d)$', ['2026-01'], ['2026-1']],
    ['\\bfoo\\b', ['a foo', 'foo'], ['foobar']],
    ['\\Boo', ['foo'], ['oo']],
    ['^/(?!admin)', ['/a', '/'], ['/admin/x']],
    ['^/.*(?<!\\.png)$', ['/a.gif'], ['/a.png']],
    ['^(.)\\1$', ['aa'], ['ab']],
    ['\xe4', ['\xe4'], ['\xc4']],
    ['(?i)\xe4', ['\xe4', '\xc4'], ['\xe5']],
    ['^.$', ['\xff', '\u{100}'], ['ab']],
  ];
  for (const [source, matching, others] of cases.filter(([, ...texts]) => texts.flat().length > 0)) {
    test(JSON.stringify(source), () => {
      const made = pattern(source);
      for (const text of matching) assert.equal(made.test(text), true, text);
      for (const text of others) assert.equal(made.test(text), false, text);
    });
  }
});

describe('a pattern that is wrong, or means something else in PCRE, is refused with its place', () => {
  const cases: readonly (readonly [source: string, at: number, why: RegExp])[] = [
    ['a(b', 1, /not closed/],
    ['a)b', 1, /closes nothing/],
    ['a[b', 1, /not closed/],
    ['a[]', 1, /not closed/],
    ['*a', 0, /nothing to repeat/],
    ['a|+', 2, /nothing to repeat/],
    ['a{2', -1, /^$/],
    ['a**', 2, /repeats a repetition/],
    ['a++', 2, /possessive/],
    ['^*', 1, /nothing to repeat/],
    ['a\\b+', 3, /no length/],
    ['a{3,2}', 1, /wrong order/],
    ['a{2000}', 1, /more than 1000/],
    ['a{0,2000}', 1, /more than 1000/],
    ['[z-a]', 1, /wrong order/],
    ['[[:foo:]]', 1, /no class/],
    ['a\\', 1, /nothing behind/],
    ['a\\R', 1, /no \\R here/],
    ['a\\Gb', 1, /no \\G here/],
    ['\\p{L}', 0, /no \\p here/],
    ['\\u0041', 0, /no \\u here/],
    ['\\0', 0, /no \\0 here/],
    ['(a)\\2', 3, /no group 2/],
    ['a(?>b)', 1, /no group of this kind/],
    ['a(?i)b', 1, /flags such as \(\?i\) stand at the beginning/],
    ['(?x)a', 0, /no group of this kind/],
    ['(?#a)', 0, /no group of this kind/],
    ['(?R)', 0, /no group of this kind/],
    [`${'('.repeat(300)}${')'.repeat(300)}`, 250, /250 deep/],
    ['((a{0,1000}){0,1000}){0,1000}', 0, /too large/],
    ['(?!a)(b+)+', 0, /look-around and references/],
    ['(a*)\\1', 0, /look-around and references/],
  ];
  for (const [source, at, why] of cases.filter(([, place]) => place >= 0)) {
    test(`[case 41] ${JSON.stringify(source.slice(0, 40))}`, () => {
      const reading = readPattern(source, false);
      assert.ok(reading.verdict === 'bad', 'it was taken');
      assert.match(reading.why, why);
      assert.equal(reading.at, at);
    });
  }
});

for (const source of [
  '(a+)+$',
  '(a|aa)+$',
  '.*.*.*=x',
  '^(.*a){20}$',
  '(a?){30}a{30}$',
  '(?i)^(([A-Z])+.)+[A-Z]([a-z])+$',
]) {
  test(`${source} takes no longer for a text that was made to take long`, () => {
    const text = `${'a'.repeat(8000)}!`;
    const begun = performance.now();
    assert.equal(pattern(source).test(text), false);
    const ms = performance.now() - begun;
    assert.ok(ms < 10_000, `${ms} ms`);
  });
}

// What JavaScript and PCRE have in common, so that V8 can be the judge.
const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', '.', '\\.', '\\d', '\\w', '\\S', '1', '_', '/') },
  fc.constantFrom('[ab]', '[^a]', '[a-c1]', '[\\w.]', '[^\\d/]', '^', '$', '\\b', '\\B'),
);
const { source } = fc.letrec<{ source: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    tie('source').map((inner) => `(${inner})`),
    tie('source').map((inner) => `(?:${inner})`),
    fc
      .tuple(
        fc.oneof(
          fc.constantFrom('a', 'b', '.', '[ab]', '\\w'),
          tie('source').map((inner) => `(?:${inner})`),
        ),
        fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,3}', '{0,2}?', '{2,}'),
      )
      .map((parts) => parts.join('')),
  ),
  source: fc
    .array(
      fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((choices) => choices.join('|')),
}));
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '1', '_', '/', '.', ' '), maxLength: 12 });

test('a pattern matches what V8 says it does, by whichever engine it is run', () => {
  fc.assert(
    fc.property(source, fc.array(text, { minLength: 1, maxLength: 5 }), fc.boolean(), (given, texts, ignoresCase) => {
      const judge = new RegExp(given, ignoresCase ? 'i' : '');
      const made = pattern(given, ignoresCase);
      const machine = PatternMachine.of(parsePattern(given, ignoresCase));
      for (const each of texts) {
        assert.equal(made.test(each), judge.test(each), `${given} on ${each}`);
        assert.equal(machine?.test(each), judge.test(each), `${given} on ${each}, by the machine`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('whatever is given as a pattern, reading it does not throw', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '?',
    '*',
    '+',
    '|',
    '\\',
    '^',
    '$',
    '-',
    ':',
    '<',
    '=',
    '!',
    'a',
    'Q',
    'E',
    'x',
    '1',
    ',',
  );
  const given = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(given, (any) => {
      const reading = readPattern(any, false);
      if (reading.verdict === 'bad') assert.ok(reading.at >= 0 && reading.at <= any.length, `${reading.at}`);
      else assert.equal(typeof reading.pattern.test('aaa'), 'boolean');
    }),
    { numRuns: 2000 },
  );
});
