import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uploads } from './uploads.ts';

const stream =
  'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\nPUT / HTTP/1.1\r\ncontent-length:1\r\n\r\n\n';

test('each request ends where its body does, wherever the bytes are cut', () => {
  for (let at = 0; at <= stream.length; at++) {
    const uploads = new Uploads();
    assert.equal(uploads.wholeIn(stream.slice(0, at)) + uploads.wholeIn(stream.slice(at)), 3, `${at}`);
  }
});

test('a request whose body is not here has not ended', () => {
  const uploads = new Uploads();
  assert.equal(uploads.wholeIn('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na'), 0);
  assert.equal(uploads.wholeIn('b'), 1);
});
