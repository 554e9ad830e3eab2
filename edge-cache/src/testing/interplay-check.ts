// Is an answer what the origin has, byte for byte, in whatever form it came?
import assert from 'node:assert/strict';
import { parseContentRange } from '@trivet/kit/semantics/range.ts';
import type { Whole } from './client.ts';
import { decoded } from './decoded.ts';
import type { Resource } from './interplay-site.ts';

/** Fails when a whole answer is not what it should be. */
export function checkWhole(method: string, { plain, coded, kind, path }: Resource, answer: Whole): void {
  const { status, header, bytes } = answer;
  const coding = header('content-encoding');
  const what = `${method} ${path} ${status} ${coding} ${header('cache-status')}`;
  if (method === 'HEAD' || status === 304) return assert.equal(bytes.length, 0, what);
  switch (status) {
    case 200:
      return same(decoded(answer), plain, what);
    case 206:
      assert.ok(coding === undefined || coded !== undefined, what);
      return checkParts(answer, coding === undefined ? plain : (coded ?? plain), what);
    case 416:
      return assert.equal(kind, 'gzip', what);
    default:
      assert.ok(kind === 'flaky' && status >= 500, `${what} ${answer.body.slice(0, 300)}`);
  }
}

/** Fails when what came before a client left is not how the answer begins. */
export function checkBeginning({ plain, path }: Resource, received: Buffer): void {
  same(received, plain.subarray(0, received.length), `the beginning of ${path}`);
}

function same(actual: Buffer, expected: Buffer, what: string): void {
  if (actual.equals(expected)) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.fail(`${what}: ${actual.length} of ${expected.length} bytes, other from ${at} on`);
}

function checkParts({ header, bytes }: Whole, full: Buffer, what: string): void {
  const boundary = /^multipart\/byteranges; *boundary="?([^"]+)/i.exec(header('content-type') ?? '')?.[1];
  if (boundary === undefined) return checkPart(header('content-range'), bytes, full, what);
  const text = bytes.toString('latin1');
  const parts = text.split(`--${boundary}`);
  assert.ok(parts.length > 2 && parts.at(-1)?.startsWith('--') === true, what);
  for (const part of parts.slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const place = /content-range: *([^\r\n]+)/i.exec(part.slice(0, end))?.[1];
    checkPart(place, Buffer.from(part.slice(end + 4, -2), 'latin1'), full, what);
  }
}

function checkPart(place: string | undefined, bytes: Buffer, full: Buffer, what: string): void {
  const range = parseContentRange(place);
  assert.ok(range !== undefined, `${what}: ${place}`);
  assert.equal(range.size, full.length, what);
  same(bytes, full.subarray(range.first, range.last + 1), `${what} ${place}`);
}
