import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { field } from '../semantics/fields.ts';
import { factsOf } from './answer.ts';
import { type Content, notForFiles, type RefusedFile, refusedFile, replyTo, sendReply } from './reply.ts';
import type { Readable } from './stream-file.ts';

const text = '0123456789';
const now = Date.UTC(2026, 5, 1);
const facts = factsOf({ name: 'f.txt', version: { mtimeNs: 1_000_000_000n, size: 10n }, coding: undefined });
const ask = (fields: readonly string[], method = 'GET') => replyTo({ method, fields }, facts, now);

/** What a reply says in a word or two. */
function outcome(fields: readonly string[], method?: string): string {
  const reply = ask(fields, method);
  if (reply.verdict === 'refuse') return reply.why;
  const { head, content } = reply;
  return `${head.status} ${content.is === 'range' ? `${content.range.first}-${content.range.last}` : content.is}`;
}

describe('what a file answers', () => {
  for (const [what, fields, method, expected] of [
    ['all of it', [], 'GET', '200 0-9'],
    ['the head alone', [], 'HEAD', '200 none'],
    ['a part', ['Range', 'bytes=2-4'], 'GET', '206 2-4'],
    ['parts', ['Range', 'bytes=0-0,5-5'], 'GET', '206 parts'],
    ['what the client has', ['If-None-Match', facts.etag], 'GET', '304 none'],
    ['another file', ['If-Match', '"a"'], 'GET', 'precondition-failed'],
    ['bytes it has not', ['Range', 'bytes=10-'], 'GET', 'range-not-satisfiable'],
    ['something else', [], 'POST', 'method-not-allowed'],
  ] as const) {
    test(`asked for ${what}: ${expected}`, () => assert.equal(outcome(fields, method), expected));
  }

  test('in parts has a frame that nobody could have written into the file, and its whole length', () => {
    const [one, other] = [ask(['Range', 'bytes=0-0,5-6']), ask(['Range', 'bytes=0-0,5-6'])];
    assert.ok(one.verdict === 'answer' && one.content.is === 'parts' && other.verdict === 'answer');
    const { heads, tail, ranges } = one.content.parts;
    const [type, otherType] = [one, other].map(({ head }) => field(head.fields, 'content-type') ?? '');
    assert.match(type ?? '', /^multipart\/byteranges; boundary="?[\da-f]{32}"?$/);
    assert.notEqual(type, otherType);
    assert.match(heads[0] ?? '', /Content-Type: text\/plain/i);
    assert.deepEqual(ranges, [
      { first: 0, last: 0 },
      { first: 5, last: 6 },
    ]);
    const bytes = [...heads, tail].join('').length + 3;
    assert.equal(field(one.head.fields, 'content-length'), String(bytes));
    assert.equal(field(one.head.fields, 'etag'), facts.etag);
  });
});

describe('a refusal', () => {
  for (const [fields, method, status, own] of [
    [[], 'POST', 405, ['Allow', 'GET, HEAD']],
    [['If-Match', '"a"'], 'GET', 412, []],
    [['Range', 'bytes=10-'], 'GET', 416, ['Content-Range', 'bytes */10', 'Accept-Ranges', 'bytes']],
  ] as const) {
    test(`of status ${status} has its reason and its fields`, () => {
      const reply = ask(fields, method);
      assert.ok(reply.verdict === 'refuse');
      const page: RefusedFile = refusedFile(reply);
      assert.deepEqual([page.status, page.reason, page.fields], [status, reply.why, own]);
      assert.ok(page.message.length > 10);
    });
  }

  test('of a method is what a folder says, too', () => {
    assert.equal(refusedFile({ verdict: 'refuse', why: 'method-not-allowed', fields: [] }), notForFiles);
  });
});

const file: Readable = {
  read: async (buffer: Buffer, offset: number, length: number, position: number) => ({
    bytesRead: buffer.write(text.slice(position, position + length), offset),
  }),
} as unknown as Readable;

/** What a client gets of it. */
async function sent(content: Content): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((_, response: ServerResponse) => {
    sendReply(response, { status: 206, fields: ['X-A', 'b'] }, file, content).then(resolve, reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const body = await response.text();
    await promise;
    return `${response.status} ${response.headers.get('x-a')} ${body}`;
  } finally {
    server.close();
  }
}

describe('what is sent behind the head', () => {
  const ranges = [
    { first: 0, last: 0 },
    { first: 8, last: 9 },
  ];
  for (const [content, expected] of [
    [{ is: 'none' }, '206 b '],
    [{ is: 'range', range: { first: 2, last: 4 } }, '206 b 234'],
    [{ is: 'parts', parts: { heads: ['<', '>'], tail: '.', ranges } }, '206 b <0>89.'],
  ] as const) {
    test(`${content.is}`, async () => assert.equal(await sent(content), expected));
  }
});
