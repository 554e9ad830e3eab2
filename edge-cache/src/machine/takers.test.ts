import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { Rules } from '../rules.ts';
import { MemoryStore } from '../store/memory.ts';
import { packFields } from '../store/packed-fields.ts';
import type { Draft, Entry } from '../store/store.ts';
import { draftOf, put } from '../store/store-contract.ts';
import { Question } from './question.ts';
import { isTaken } from './takers.ts';

const dated = ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'];
const coded = [...dated, 'Content-Encoding', 'br'];

function asked(fields: Fields): Question {
  const request = { method: 'GET', target: '/', host: 'h', scheme: 'http', version: '1.1', client: '' } as const;
  return new Question({ ...request, fields }, new Rules({}), true);
}

function stored(sent: Fields, over: Partial<Draft> = {}, body = 'body'): Entry {
  const entry = put(new MemoryStore(1_000_000), draftOf({ sent: packFields(sent), ...over }), body);
  assert.ok(entry !== undefined);
  return entry;
}

for (const [what, entry, takers] of [
  ['that has a date', stored(dated), 'all'],
  ['whose Date the slow lane would add', stored(['Content-Type', 'text/plain']), 'none'],
  ['that has a Content-Length already', stored([...dated, 'Content-Length', '4']), 'none'],
  ['whose markup is to be processed', stored(dated, { isEsi: true }), 'none'],
  ['that is a part', stored(dated, { status: 206, part: { first: 0, last: 3, size: 9, asked: 'bytes=0-3' } }), 'none'],
  ['whose status has no body', stored(dated, { status: 204 }, ''), 'all'],
  ['whose status has no body, and which has one', stored(dated, { status: 204 }), 'none'],
  ['in a coding', stored(coded), 'br'],
  ['in a coding that nobody may undo', stored([...coded, 'Cache-Control', 'max-age=9, No-Transform']), 'none'],
  ['in a coding that is not known', stored([...dated, 'Content-Encoding', 'rot13']), 'all'],
] as const) {
  test(`a stored response ${what} is given as it is to: ${takers}`, () => {
    const takesAll = isTaken(asked(['Accept-Encoding', 'br', 'TE', 'trailers']), entry);
    assert.deepEqual([entry.takers, takesAll], [takers, takers !== 'none']);
  });
}

for (const [who, fields, isGiven] of [
  ['takes its coding', ['Accept-Encoding', 'gzip, br'], true],
  ['takes another coding', ['Accept-Encoding', 'gzip'], false],
  ['refuses its coding', ['Accept-Encoding', 'gzip, br;q=0'], false],
  ['names no coding', [], false],
  ['takes its coding, and no change', ['Accept-Encoding', 'br', 'Cache-Control', 'no-transform'], false],
] as const) {
  test(`a client that ${who} is ${isGiven ? '' : 'not '}given a coded response as it is`, () => {
    assert.equal(isTaken(asked(fields), stored(coded)), isGiven);
  });
}

test('trailers are given by who can, to clients that take them', () => {
  const entry = stored(dated, { trailers: packFields(['X-Sum', '1']) });
  assert.equal(isTaken(asked(['TE', 'trailers']), entry), false);
  assert.equal(isTaken(asked([]), entry), true);
});
