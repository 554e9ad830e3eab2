import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteranges } from './byteranges.ts';

test('each part has its type and its place, and the length counts every byte', () => {
  const size = 10;
  const ranges = [
    { first: 0, last: 1 },
    { first: 8, last: 9 },
  ];
  const frame = byteranges(ranges, { boundary: 'B', size, contentType: 'text/plain' });
  const content = '0123456789';
  const body =
    ranges.map(({ first, last }, at) => frame.heads[at] + content.slice(first, last + 1)).join('') + frame.tail;
  assert.equal(
    body,
    '--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01' +
      '\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--B--\r\n',
  );
  assert.equal(frame.length, body.length);
  assert.equal(frame.contentType, 'multipart/byteranges; boundary=B');
});

test('a representation without a type has parts without one', () => {
  const frame = byteranges([{ first: 0, last: 0 }], { boundary: 'B', size: 1, contentType: undefined });
  assert.deepEqual(frame.heads, ['--B\r\nContent-Range: bytes 0-0/1\r\n\r\n']);
});
