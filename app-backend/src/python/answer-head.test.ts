import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkHead } from '../gateway/check-head.ts';
import { readAnswerHead, readHints } from './answer-head.ts';

function read(...parts: string[]) {
  return readAnswerHead(Buffer.from(parts.join('\0'), 'latin1'));
}

test('a head is read to the letter', () => {
  assert.deepEqual(read('200 OK', 'Content-Type', 'text/plain', 'X', '\xe9', 'content-LENGTH', '12'), {
    verdict: 'sound',
    status: 200,
    reason: 'OK',
    fields: ['Content-Type', 'text/plain', 'X', '\xe9', 'content-LENGTH', '12'],
    contentLength: 12,
  });
});

for (const [what, parts] of [
  ['no status', ['']],
  ['a status without a reason', ['200']],
  ['an interim status', ['103 Early Hints']],
  ['a line end in the status', ['200 OK\r\nX: y']],
  ['a line end in a value', ['200 OK', 'X', 'y\r\nSet-Cookie: a=b']],
  ['a line end in a name', ['200 OK', 'X\n', 'y']],
  ['a tab in a value', ['200 OK', 'X', 'a\tb']],
  ['a name that is no token', ['200 OK', 'X Y', 'y']],
  ['an empty name', ['200 OK', '', 'y']],
  ['a name without a value', ['200 OK', 'X']],
  ['a field of the connection', ['200 OK', 'Transfer-Encoding', 'chunked']],
  ['another field of the connection', ['200 OK', 'connection', 'close']],
  ['two lengths', ['200 OK', 'Content-Length', '1', 'Content-Length', '1']],
  ['a length that is none', ['200 OK', 'Content-Length', '+1']],
] as const) {
  test(`${what} is refused`, () => {
    assert.equal(read(...parts).verdict, 'bad');
  });
}

test('what is refused of an application in this process is refused here', () => {
  const text = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 4 });
  const name = fc.oneof(text, fc.constantFrom('X', 'Content-Length', 'Upgrade', 'Content-Type'));
  const status = fc.oneof(text, fc.constantFrom('200 OK', '404 Not Found', '100 Continue', '204 No Content'));
  fc.assert(
    fc.property(status, fc.array(fc.tuple(name, fc.oneof(text, fc.constant('7')))), (line, headers) => {
      const parts = [line, ...headers.flat()];
      // A NUL parts: what it stands in is another head.
      fc.pre(parts.every((part) => !part.includes('\0')));
      const there = checkHead(line, headers);
      const here = read(...parts);
      if (there.verdict === 'bad') assert.equal(here.verdict, 'bad');
      else assert.deepEqual(here, there);
    }),
  );
});

test('early hints are fields without a status', () => {
  assert.deepEqual(readHints(Buffer.from('Link\0</a>')), ['Link', '</a>']);
  assert.deepEqual(readHints(Buffer.from('')), []);
  assert.match(String(readHints(Buffer.from('Link\0a\nb'))), /control/);
  assert.match(String(readHints(Buffer.from('Link'))), /no value/);
  assert.match(String(readHints(Buffer.from('Connection\0x'))), /may not be called/);
});
