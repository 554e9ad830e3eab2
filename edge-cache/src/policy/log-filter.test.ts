import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFilter, type Value } from './log-filter.ts';

const exchange: Readonly<Record<string, Value>> = {
  method: 'GET',
  host: 'example.com',
  url: '/api/v1?a=(b)',
  status: 503,
  cache: 'miss',
  ms: 12.5,
  ttl: -3,
  fault: 'refused',
  trail: 'receive lookup fetch synth',
};

function asked(filter: string): boolean | string {
  const reading = readFilter(filter);
  return reading.verdict === 'filter' ? reading.matches((name) => exchange[name]) : `${reading.column}: ${reading.why}`;
}

const answers: readonly [filter: string, matches: boolean][] = [
  ['status == 503', true],
  ['status != 503', false],
  ['status>=500', true],
  ['status > 503', false],
  ['status < 504', true],
  ['status <= 502', false],
  ['ms > 12', true],
  ['ttl < 0', true],
  ['ttl >= -3', true],
  ['status ~ ^50[34]$', true],
  ['method == get', false],
  ['method != POST', true],
  ['url ~ ^/api', true],
  ['url !~ ^/api', false],
  ['url ~ "\\\\(b\\\\)$"', true],
  ['url ~ "a=\\(b\\)"', true],
  ['url == "/api/v1?a=(b)"', true],
  ['host == "example.com"', true],
  ['trail ~ "fetch synth$"', true],
  ['fault', true],
  ['not fault', false],
  ['fwd', false],
  ['!fwd', true],
  ['fwd == miss', false],
  ['fwd != miss', true],
  ['bytes < 5', false],
  ['bytes >= 5', false],
  ['bytes != 5', true],
  ['status >= 500 or (cache == hit and url ~ ^/api)', true],
  ['status >= 600 or (cache == hit and url ~ ^/api)', false],
  ['status>=600||cache==miss&&url~^/api', true],
  ['cache == hit and status == 503 or method == GET', true],
  ['cache == hit and (status == 503 or method == GET)', false],
  ['not (cache == hit) and not(status == 200)', true],
  ['not not fault', true],
  ['!(!fault)', true],
  ['  cache  ==  miss  ', true],
  ['url ~ miss|api', true],
];
for (const [filter, expected] of answers) {
  test(`${filter} is ${expected} of a miss that failed`, () => assert.equal(asked(filter), expected));
}

const mistakes: readonly [filter: string, told: RegExp][] = [
  ['', /^1: the name of a field/],
  ['   ', /^4: the name of a field/],
  ['stat == 5', /^1: there is no field stat; there are id method/],
  ['constructor', /^1: there is no field/],
  ['status = 5', /^8: = is none of/],
  ['status === 5', /^8: === is none of/],
  ['status ==', /^10: a value is expected/],
  ['status == "5', /^11: a value is expected/],
  ['status == abc', /^11: status is a number/],
  ['cache < miss', /^9: cache is a text/],
  ['cache == miss and', /^18: the name of a field/],
  ['cache == miss cache', /^15: "and", "or" or the end/],
  ['(cache == miss', /^15: "\)" is expected/],
  ['cache == miss)', /^14: "and", "or" or the end/],
  ['url ~ [', /^7: /],
  ['5 == status', /^1: the name of a field/],
  ['('.repeat(60), /levels/],
  ['!'.repeat(100), /levels/],
  [`url == ${'x'.repeat(3000)}`, /2000 characters/],
];
for (const [filter, told] of mistakes) {
  test(`${JSON.stringify(filter.slice(0, 30))} is refused, with the column`, () =>
    assert.match(String(asked(filter)), told));
}

test('any text is a filter or a mistake within it, and never more', () => {
  const piece = fc.constantFrom(
    'status',
    'url',
    ' ',
    '==',
    '~',
    '!',
    '(',
    ')',
    'and',
    'or ',
    '"',
    '\\',
    '&&',
    '||',
    '5',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (filter) => {
        const reading = readFilter(filter);
        if (reading.verdict === 'filter') assert.equal(typeof reading.matches(() => undefined), 'boolean');
        else assert.ok(reading.column >= 1 && reading.column <= filter.length + 1);
      },
    ),
  );
});

test('no pattern takes long, whatever it is looked for in', () => {
  const reading = readFilter('url ~ "(a|a)*(a|aa)+$"');
  assert.ok(reading.verdict === 'filter');
  const url = `/${'a'.repeat(5000)}!`;
  const start = performance.now();
  assert.equal(
    reading.matches(() => url),
    false,
  );
  assert.ok(performance.now() - start < 2000);
});
