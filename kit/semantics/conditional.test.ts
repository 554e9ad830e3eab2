import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ifRangeHolds, type Precondition, precondition, type Validators } from './conditional.ts';
import { formatHttpDate } from './date.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
const changed = Date.UTC(2026, 0, 2, 3, 4, 5);
const same = formatHttpDate(changed);
const older = formatHttpDate(changed - 1000);
const newer = formatHttpDate(changed + 1000);
const page: Validators = { etag: '"v1"', lastModified: changed };
const weakPage: Validators = { etag: 'W/"v1"', lastModified: changed };
const bare: Validators = {};

type Outcome = 'proceed' | `304 ${string}` | `412 ${string}`;
const statuses = { 'not-modified': 304, failed: 412 } as const;
function outcome(result: Precondition): string {
  return result.verdict === 'proceed' ? 'proceed' : `${statuses[result.verdict]} ${result.why}`;
}

type Row = [method: string, request: string[], current: Validators, expected: Outcome];
function table(name: string, rows: Row[]): void {
  describe(name, () => {
    for (const [method, request, current, expected] of rows) {
      test(`${method} ${request.join(' ')} on ${JSON.stringify(current)}: ${expected}`, () => {
        assert.equal(outcome(precondition(method, request, current)), expected);
      });
    }
  });
}

table('without conditions', [
  ['GET', [], page, 'proceed'],
  ['PUT', ['Host', 'a'], bare, 'proceed'],
]);

table('If-None-Match compares weakly; what matches is 304 for GET and HEAD, else 412', [
  ['GET', ['If-None-Match', '"v1"'], page, '304 if-none-match'],
  ['HEAD', ['If-None-Match', '"v1"'], page, '304 if-none-match'],
  ['PUT', ['If-None-Match', '"v1"'], page, '412 if-none-match'],
  ['DELETE', ['If-None-Match', '*'], page, '412 if-none-match'],
  ['GET', ['If-None-Match', '*'], bare, '304 if-none-match'],
  ['GET', ['If-None-Match', 'W/"v1"'], page, '304 if-none-match'],
  ['GET', ['If-None-Match', '"v1"'], weakPage, '304 if-none-match'],
  ['GET', ['If-None-Match', '"v0", "v1"'], page, '304 if-none-match'],
  ['GET', ['If-None-Match', '"v0"', 'if-none-match', '"v1"'], page, '304 if-none-match'],
  ['GET', ['If-None-Match', 'v1, "v1'], page, 'proceed'],
  ['GET', ['If-None-Match', '"v2"'], page, 'proceed'],
  ['PUT', ['If-None-Match', '"v2"'], page, 'proceed'],
  ['GET', ['If-None-Match', ''], page, 'proceed'],
  ['GET', ['If-None-Match', '"v1"'], bare, 'proceed'],
  ['GET', ['If-None-Match', '"v1"'], { etag: 'v1' }, 'proceed'],
]);

table('If-Modified-Since counts for GET and HEAD, with a valid date and without If-None-Match', [
  ['GET', ['If-Modified-Since', same], page, '304 if-modified-since'],
  ['HEAD', ['If-Modified-Since', newer], page, '304 if-modified-since'],
  ['GET', ['If-Modified-Since', older], page, 'proceed'],
  ['POST', ['If-Modified-Since', same], page, 'proceed'],
  ['GET', ['If-Modified-Since', same], bare, 'proceed'],
  ['GET', ['If-Modified-Since', 'yesterday'], page, 'proceed'],
  ['GET', ['If-Modified-Since', `${same}; length=3`], page, 'proceed'],
  ['GET', ['If-Modified-Since', same, 'If-Modified-Since', same], page, 'proceed'],
  ['GET', ['If-Modified-Since', same, 'If-None-Match', '"v2"'], page, 'proceed'],
  ['GET', ['If-Modified-Since', same, 'If-None-Match', ''], page, 'proceed'],
  ['GET', ['If-Modified-Since', older, 'If-None-Match', '"v1"'], page, '304 if-none-match'],
  ['GET', ['If-Modified-Since', same], { lastModified: changed + 999 }, '304 if-modified-since'],
]);

table('If-Match compares strongly', [
  ['PUT', ['If-Match', '"v1"'], page, 'proceed'],
  ['PUT', ['If-Match', '"v0", "v1"'], page, 'proceed'],
  ['PUT', ['If-Match', '*'], bare, 'proceed'],
  ['PUT', ['If-Match', '"v2"'], page, '412 if-match'],
  ['GET', ['If-Match', '"v2"'], page, '412 if-match'],
  ['PUT', ['If-Match', 'W/"v1"'], page, '412 if-match'],
  ['PUT', ['If-Match', 'W/"v1"'], weakPage, '412 if-match'],
  ['PUT', ['If-Match', '"v1"'], weakPage, '412 if-match'],
  ['PUT', ['If-Match', 'v1'], page, '412 if-match'],
  ['PUT', ['If-Match', ''], page, '412 if-match'],
  ['PUT', ['If-Match', '"v1"'], bare, '412 if-match'],
]);

table('If-Unmodified-Since counts with a valid date and without If-Match', [
  ['PUT', ['If-Unmodified-Since', same], page, 'proceed'],
  ['PUT', ['If-Unmodified-Since', newer], page, 'proceed'],
  ['PUT', ['If-Unmodified-Since', older], page, '412 if-unmodified-since'],
  ['GET', ['If-Unmodified-Since', older], page, '412 if-unmodified-since'],
  ['PUT', ['If-Unmodified-Since', '0'], page, 'proceed'],
  ['PUT', ['If-Unmodified-Since', older], bare, 'proceed'],
  ['PUT', ['If-Unmodified-Since', older, 'If-Match', '"v1"'], page, 'proceed'],
  ['PUT', ['If-Unmodified-Since', same], { lastModified: changed + 999 }, 'proceed'],
]);

table('the order is that of RFC 9110 §13.2.2', [
  ['GET', ['If-None-Match', '"v1"', 'If-Match', '"v2"'], page, '412 if-match'],
  ['GET', ['If-None-Match', '"v1"', 'If-Match', '"v1"'], page, '304 if-none-match'],
  ['GET', ['If-None-Match', '"v1"', 'If-Unmodified-Since', older], page, '412 if-unmodified-since'],
  ['GET', ['If-Match', '"v1"', 'If-Modified-Since', same], page, '304 if-modified-since'],
]);

table('methods without a representation have no conditions', [
  ['OPTIONS', ['If-None-Match', '*'], page, 'proceed'],
  ['TRACE', ['If-Match', '"v2"'], page, 'proceed'],
  ['CONNECT', ['If-Match', '"v2"'], page, 'proceed'],
]);

describe('If-Range', () => {
  const rows: [value: string | undefined, current: Validators, holds: boolean][] = [
    [undefined, bare, true],
    ['"v1"', page, true],
    ['"v2"', page, false],
    ['W/"v1"', weakPage, false],
    ['"v1"', weakPage, false],
    ['W/"v1"', page, false],
    ['"v1"', bare, false],
    ['*', page, false],
    ['"v1", "v2"', page, false],
    ['', page, false],
    [same, page, true],
    [same, { lastModified: changed + 500 }, true],
    [older, page, false],
    [newer, page, false],
    [same, bare, false],
    ['tomorrow', page, false],
  ];
  for (const [value, current, holds] of rows) {
    test(`${value ?? 'no field'} on ${JSON.stringify(current)}: ${holds}`, () => {
      assert.equal(ifRangeHolds(value === undefined ? [] : ['If-Range', value], current), holds);
    });
  }
});

test('no request makes the conditions throw', () => {
  const name = fc.constantFrom('If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since', 'If-Range');
  const value = fc.oneof(fc.constantFrom('*', '"v1"', 'W/"v1"', same, older, newer), fc.string({ unit: character }));
  const current = fc.constantFrom(page, weakPage, bare, { etag: '', lastModified: Number.NaN });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), current, (pairs, current) => {
      const result = precondition('PUT', pairs.flat(), current);
      assert.notEqual(result.verdict, 'not-modified');
      assert.equal(typeof ifRangeHolds(pairs.flat(), current), 'boolean');
    }),
  );
});
