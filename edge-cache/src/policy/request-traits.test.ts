import assert from 'node:assert/strict';
import { test } from 'node:test';
import { has } from '@trivet/kit/semantics/fields.ts';
import fc from 'fast-check';
import { HAS_COOKIE, HAS_RANGE, IS_CONDITIONAL, SPEAKS_OF_CACHES, traitsOf } from './request-traits.ts';
import { isConditional } from './validation.ts';

const names = [
  'Cache-Control',
  'PRAGMA',
  'cookie',
  'If-Match',
  'if-none-match',
  'If-Modified-Since',
  'range',
  'If-Range',
];
const others = [
  'If-Unmodified-Since',
  'Accept',
  'Cookie2',
  'Accept-Ranges',
  'User-Agent',
  'Host',
  'rang',
  'x-cookie',
  '',
];
const fields = fc
  .array(fc.tuple(fc.constantFrom(...names, ...others), fc.string()), { maxLength: 6 })
  .map((lines) => lines.flat());

test('one look tells of a request what searching for each field would', () => {
  fc.assert(
    fc.property(fields, (request) => {
      const traits = traitsOf(request);
      assert.equal((traits & SPEAKS_OF_CACHES) !== 0, has(request, 'cache-control') || has(request, 'pragma'));
      assert.equal((traits & HAS_COOKIE) !== 0, has(request, 'cookie'));
      assert.equal((traits & IS_CONDITIONAL) !== 0, isConditional(request));
      assert.equal((traits & HAS_RANGE) !== 0, has(request, 'range'));
    }),
  );
});
