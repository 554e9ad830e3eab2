import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everySplit } from '@trivet/kit/testing/every-split.ts';
import { type Answer, AnswerReader } from './answer-reader.ts';

const answered = (status: number, bodyBytes: number, isLast = false): Answer => ({ status, bodyBytes, isLast });

const streams: readonly [what: string, bytes: string, answers: readonly Answer[]][] = [
  ['a body with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', [answered(200, 5)]],
  ['an empty body', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', [answered(404, 0)]],
  ['a status line without a reason', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx', [answered(200, 1)]],
  [
    'a body that looks like a head',
    'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nHTTP/1.1 500 No\r\n\r\n',
    [answered(200, 19)],
  ],
  [
    'a chunked body with an extension and trailers',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nDigest: x\r\n\r\n',
    [answered(200, 13)],
  ],
  [
    'a chunked body without trailers',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    [answered(200, 0)],
  ],
  [
    'several answers, the middle one not modified though it names a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n' +
      'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n',
    [answered(200, 2), answered(304, 0), answered(204, 0, true)],
  ],
  [
    'an interim answer before the real one',
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    [answered(200, 1)],
  ],
  ['HTTP/1.0 that closes', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', [answered(200, 1, true)]],
  [
    'HTTP/1.0 that goes on',
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx',
    [answered(200, 1)],
  ],
];

for (const [what, bytes, answers] of streams) {
  test(`${what} is counted the same at every split`, () => {
    for (const pieces of everySplit(Buffer.from(bytes, 'latin1'))) {
      const seen: Answer[] = [];
      const reader = new AnswerReader((answer) => seen.push(answer));
      for (const piece of pieces) reader.push(Buffer.from(piece));
      assert.deepEqual(seen, answers);
      assert.equal(reader.isInside, false);
    }
  });
}

test('the end of the connection ends a body without a length', () => {
  const seen: Answer[] = [];
  const reader = new AnswerReader((answer) => seen.push(answer));
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nall of it'));
  assert.deepEqual(seen, []);
  assert.equal(reader.end(), true);
  assert.deepEqual(seen, [answered(200, 9, true)]);
});

for (const cut of ['HTTP/1.1 200', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell']) {
  test(`the end of the connection after ${JSON.stringify(cut)} leaves an answer unfinished`, () => {
    const reader = new AnswerReader(() => assert.fail('nothing was complete'));
    reader.push(Buffer.from(cut));
    assert.equal(reader.end(), false);
  });
}

for (const [what, bytes] of [
  ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
] as const) {
  test(`${what} is refused`, () => {
    const reader = new AnswerReader(() => undefined);
    assert.throws(() => reader.push(Buffer.from(bytes)));
  });
}
