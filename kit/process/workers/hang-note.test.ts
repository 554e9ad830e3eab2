import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hangLine, readHangNote } from './hang-note.ts';

const note = { pid: 7, msg: 'it stood still', requests: ['a', 'b'], stack: ['f (app.ts:1)', 'g (app.ts:2)'] };

test('what is written is read, among other last words', () => {
  assert.deepEqual(readHangNote(['a warning', hangLine(note), 'another'], 7), note);
});

test('a line of another process, a cut one, and what is none, say nothing', () => {
  for (const lines of [[], ['{"level":"error"'], [hangLine(note).slice(5)], [hangLine(note).slice(0, -5)]]) {
    assert.equal(readHangNote(lines, 7), undefined);
  }
  assert.equal(readHangNote([hangLine(note)], 8), undefined);
});

test('a line is short enough to be kept: the innermost calls are in it, and some of the requests', () => {
  const stack = Array.from({ length: 200 }, (_, i) => `call${i} (/srv/app/${'x'.repeat(200)}.ts:${i})`);
  const requests = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(128, 'r'));
  const line = hangLine({ ...note, stack, requests });
  assert.ok(Buffer.byteLength(line) <= 3 * 1024);
  const read = readHangNote([line], 7);
  assert.match(read?.stack[0] ?? '', /^call0 /);
  assert.equal(read?.requests.length, 16);
});
