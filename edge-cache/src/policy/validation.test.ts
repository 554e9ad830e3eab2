import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditions, isConditional, merged, unconditional } from './validation.ts';

test('a refresh carries both validators as they were received', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
  assert.deepEqual(conditions(['ETag', 'W/"a"', 'Last-Modified', date]), [
    'If-None-Match',
    'W/"a"',
    'If-Modified-Since',
    date,
  ]);
  assert.deepEqual(conditions(['Content-Type', 'text/plain']), []);
});

test('a fetch for the cache leaves out what its client alone wants', () => {
  const request = ['If-None-Match', '"a"', 'RANGE', 'bytes=0-1', 'If-Range', '"a"', 'Accept', '*/*'];
  assert.deepEqual(unconditional(request), ['Accept', '*/*']);
  assert.equal(isConditional(request), true);
  assert.equal(isConditional(['Accept', '*/*']), false);
});

const stored = ['Date', 'then', 'Age', '9', 'Cache-Control', 'max-age=1', 'ETag', '"a"', 'Content-Encoding', 'gzip'];

const table: readonly [what: string, notModified: string[], expected: string[]][] = [
  [
    'new times',
    ['Date', 'now', 'Cache-Control', 'max-age=5'],
    ['ETag', '"a"', 'Content-Encoding', 'gzip', 'Date', 'now', 'Cache-Control', 'max-age=5'],
  ],
  [
    'an Age of its own',
    ['Date', 'now', 'Age', '3'],
    ['Cache-Control', 'max-age=1', 'ETag', '"a"', 'Content-Encoding', 'gzip', 'Date', 'now', 'Age', '3'],
  ],
  ['nothing', [], ['Cache-Control', 'max-age=1', 'ETag', '"a"', 'Content-Encoding', 'gzip']],
  [
    'the body',
    ['Date', 'now', 'Content-Length', '5', 'Content-Encoding', 'br', 'ETag', '"b"', 'Content-Range', 'x'],
    ['Cache-Control', 'max-age=1', 'ETag', '"a"', 'Content-Encoding', 'gzip', 'Date', 'now'],
  ],
  [
    'several lines of one field',
    ['Link', 'a', 'Link', 'b'],
    ['Cache-Control', 'max-age=1', 'ETag', '"a"', 'Content-Encoding', 'gzip', 'Link', 'a', 'Link', 'b'],
  ],
];
for (const [what, notModified, expected] of table) {
  test(`a 304 that speaks of ${what} is merged into the stored fields`, () => {
    assert.deepEqual(merged(stored, notModified), expected);
  });
}
