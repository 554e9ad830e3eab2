import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { methodOf } from './unknown-method.ts';

const of = (line: string, isLineWhole: boolean) => {
  return methodOf({ before: '', line, isLineWhole, isWhole: false, bytes: line.length });
};

describe('the method of a whole request line', () => {
  const lines: readonly [line: string, verdict: ReturnType<typeof methodOf>][] = [
    ['BREW / HTTP/1.1', 'unknown'],
    ['BREW / HTTP/1.0', 'unknown'],
    ['X / HTTP/1.1', 'unknown'],
    ['GETS / HTTP/1.1', 'unknown'],
    ['GE / HTTP/1.1', 'unknown'],
    ['B2 / HTTP/1.1', 'unknown'],
    ['B-R_E / HTTP/1.1', 'unknown'],
    ['BREW http://a/?b=c HTTP/1.1', 'unknown'],
    ['GET / HTTP/1.1', 'known'],
    ['M-SEARCH / HTTP/1.1', 'known'],
    ['GET nonsense of another kind', 'known'],
    ['', 'malformed'],
    [' / HTTP/1.1', 'malformed'],
    ['GET', 'malformed'],
    ['BREW', 'malformed'],
    ['BREW ', 'malformed'],
    ['BREW /', 'malformed'],
    ['BREW HTTP/1.1', 'malformed'],
    ['BREW  HTTP/1.1', 'malformed'],
    ['BREW  / HTTP/1.1', 'malformed'],
    ['BREW /  HTTP/1.1', 'malformed'],
    ['BREW /a b HTTP/1.1', 'malformed'],
    ['BREW / HTTP/1.1 ', 'malformed'],
    ['BREW / HTTP/1.11', 'malformed'],
    ['BREW / HTTP/1.2', 'malformed'],
    ['BREW / HTTP/1x1', 'malformed'],
    ['BREW / HTTP/1.', 'malformed'],
    ['BREW / HTTP/2.0', 'malformed'],
    ['BREW / http/1.1', 'malformed'],
    ['brew / HTTP/1.1', 'malformed'],
    ['bREW / HTTP/1.1', 'malformed'],
    ['BREw / HTTP/1.1', 'malformed'],
    ['get / HTTP/1.1', 'malformed'],
    ['2B / HTTP/1.1', 'malformed'],
    ['-B / HTTP/1.1', 'malformed'],
    ['BREW: / HTTP/1.1', 'malformed'],
    [':BREW / HTTP/1.1', 'malformed'],
    ['BREW\t/ HTTP/1.1', 'malformed'],
  ];
  for (const [line, verdict] of lines) {
    test(`of ${JSON.stringify(line)} is ${verdict}`, () => assert.equal(of(line, true), verdict));
  }
});

describe('the method of a request line that goes on', () => {
  const lines: readonly [line: string, verdict: ReturnType<typeof methodOf>][] = [
    ['G', 'known'],
    ['GET', 'known'],
    ['M-SEA', 'known'],
    ['GET ', 'known'],
    ['GETS', 'perhaps unknown'],
    ['GE ', 'perhaps unknown'],
    ['BREW', 'perhaps unknown'],
    ['BREW ', 'perhaps unknown'],
    ['BREW / ', 'perhaps unknown'],
    ['BREW / HTTP/1.0\r', 'perhaps unknown'],
    ['BREW / HTTP/1.1\r', 'perhaps unknown'],
    ['', 'malformed'],
    [' ', 'malformed'],
    ['g', 'malformed'],
    ['b', 'malformed'],
    ['BREw', 'malformed'],
    ['BREW\t', 'malformed'],
    ['BREW  /', 'malformed'],
    ['BREW /  ', 'malformed'],
    ['BREW /  H', 'malformed'],
    ['BREW /a b', 'malformed'],
    ['BREW / HTTQ', 'malformed'],
    ['BREW / TTP/1.1', 'malformed'],
    ['BREW / HTTP/2', 'malformed'],
    ['BREW / HTTP/1x', 'malformed'],
    ['BREW / HTTP/1.2', 'malformed'],
    ['BREW / HTTP/1.11', 'malformed'],
    ['BREW / HTTP/1.1\r\r', 'malformed'],
    ['BREW / HTTP/1.1 ', 'malformed'],
  ];
  for (const [line, verdict] of lines) {
    test(`of ${JSON.stringify(line)} is ${verdict}`, () => assert.equal(of(line, false), verdict));
  }
});

const name = fc.stringMatching(/^[A-Z][A-Z0-9_-]{0,9}$/);
const rest = fc.stringMatching(/^ [!-~]{1,12} HTTP\/1\.[01]$/);
const isBeginningOfKnown = (text: string) => METHODS.some((method) => method.startsWith(text));

test('a good request line with an unknown method is perhaps unknown from where no known one fits until it is whole', () => {
  const unknown = name.filter((text) => !METHODS.includes(text));
  fc.assert(
    fc.property(unknown, rest, (method, behind) => {
      const line = method + behind;
      for (let end = 1; end <= line.length; end++) {
        const beginning = line.slice(0, end);
        assert.equal(of(beginning, false), isBeginningOfKnown(beginning) ? 'known' : 'perhaps unknown', beginning);
      }
      assert.equal(of(`${line}\r`, false), 'perhaps unknown');
      assert.equal(of(line, true), 'unknown');
    }),
  );
});

test('a known method is known from its first letter on, whatever follows it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), fc.string(), (method, behind) => {
      const line = `${method} ${behind}`;
      for (let end = 1; end <= line.length; end++) assert.equal(of(line.slice(0, end), false), 'known');
      assert.equal(of(line, true), 'known');
    }),
  );
});

test('what is malformed does not become better by going on', () => {
  const pieces = ['B', 'b', 'GET', ' ', '/', ' /', ' HTTP/1.1', ' H', 'TTP/1', '.1', '\r', '2'];
  const parts = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, (line) => {
      const text = line.join('');
      let wasMalformed = false;
      for (let end = 1; end <= text.length; end++) {
        const isMalformed = of(text.slice(0, end), false) === 'malformed';
        assert.ok(isMalformed || !wasMalformed, JSON.stringify(text.slice(0, end)));
        wasMalformed = isMalformed;
      }
      if (wasMalformed) assert.equal(of(text, true), 'malformed', JSON.stringify(text));
    }),
    { numRuns: 1_000 },
  );
});
