import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { everySplit } from '../testing/every-split.ts';
import { statusesOf } from '../testing/hostile/holds.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import { HeadWatch } from './head-watch.ts';

type Message = { readonly head: string; readonly fields: readonly string[]; readonly body: string };

const messages: readonly Message[] = [
  { head: 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n', fields: ['Host', 'a'], body: '' },
  { head: 'POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\n', fields: ['Content-Length', '3'], body: '\r\n\r' },
  {
    head: 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
    fields: ['Transfer-Encoding', 'chunked'],
    body: 'B;x="0"\r\n\r\n0\r\n\r\nabcd\r\n00\r\nTrailer: x\r\n\r\n',
  },
  { head: 'POST /d HTTP/1.1\r\nContent-Length: 0\r\n\r\n', fields: ['Content-Length', '0'], body: '' },
  { head: '\r\nGET  /e HTTP/1.1\r\nHost: a\r\n\r\n', fields: ['Host', 'a'], body: '' },
];

/** What a watch says of each head when the parser takes it as soon as it is whole. */
function heads(parts: readonly Uint8Array[]) {
  const watch = new HeadWatch();
  const told: unknown[] = [];
  for (const part of parts) {
    watch.see(Buffer.from(part));
    while (watch.head?.isWhole) told.push(watch.take(messages[told.length]?.fields ?? []));
  }
  return { told, isAhead: watch.isAhead };
}

describe('a watch on heads', () => {
  test('keeps its place through bodies of every kind, however the bytes are cut', () => {
    const all = Buffer.from(messages.map(({ head, body }) => head + body).join(''), 'latin1');
    const expected = messages.map(({ head }) => {
      const [, before = '', line = ''] = /^((?:\r\n)*)(.*)\r\n/.exec(head) ?? [];
      return { before, line, isLineWhole: true, isWhole: true, bytes: head.length - before.length };
    });
    for (const parts of everySplit(all)) {
      assert.deepEqual(heads(parts), { told: expected, isAhead: false });
    }
  });

  test('says what has come of a head that goes on', () => {
    const watch = new HeadWatch();
    watch.see(Buffer.from('\r\nGET /'));
    assert.deepEqual(watch.head, { before: '\r\n', line: 'GET /', isLineWhole: false, isWhole: false, bytes: 5 });
    watch.see(Buffer.from(' HTTP/1.1\r\nHo'));
    const line = 'GET / HTTP/1.1';
    assert.deepEqual(watch.head, { before: '\r\n', line, isLineWhole: true, isWhole: false, bytes: 18 });
  });

  test('knows nothing of a head once the parser takes one that it has not seen', () => {
    const watch = new HeadWatch();
    watch.see(Buffer.from('GET / HT'));
    assert.equal(watch.take([]), undefined);
    watch.see(Buffer.from('TP/1.1\r\n\r\n'));
    assert.equal(watch.head, undefined);
    assert.equal(watch.take([]), undefined);
  });

  test('and the parser of node:http agree about where requests end', async () => {
    await using server = await testListener({
      onRequest: async ({ body }, response) => {
        await body?.resume().toArray();
        response.end('ok');
      },
    });
    const bodies = ['', 'a', '\r\n', 'GET / HTTP/1.1\r\n\r\n', '0\r\n\r\n'];
    const sized = (body: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const chunked = (body: string) => {
      const chunks = [...body].map((byte) => `01;q="a\tb"\r\n${byte}\r\n`).join('');
      return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}000;z\r\nX: 0\r\n\r\n`;
    };
    const all = Buffer.from(
      bodies
        .flatMap((body) => [sized(body), chunked(body), '\r\n'])
        .join('')
        .slice(0, -2),
    );
    const last = 'BREW / HTTP/1.1\r\n\r\n';
    const expected = [...bodies.flatMap(() => [200, 200]), 501];
    for (let at = 1; at < all.length; at += 7) {
      const answer = await rawExchange(server.port, [all.subarray(0, at), all.subarray(at), last]);
      assert.deepEqual(statusesOf(answer), expected, `cut at ${at}`);
    }
  });
});
