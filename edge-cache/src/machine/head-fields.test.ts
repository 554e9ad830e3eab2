import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { unpackFields } from '../store/packed-fields.ts';
import { announcedLength, draftOf, passedOn, storedFields } from './head-fields.ts';

const received = [
  ...['Content-Type', 'text/plain', 'Age', '5', 'Content-Length', '9', 'Via', '1.1 front'],
  ...['Surrogate-Control', 'max-age=9', 'X-Request-Id', 'x', 'Server-Timing', 'app;dur=1', 'Date', 'then'],
];
const respondedAt = Date.UTC(2026, 0, 1);

function draft(fields: readonly string[], status = 200) {
  return draftOf({
    key: 'h/a',
    resource: { host: 'h', path: '/a' },
    request: { fields: ['Foo', '1'] },
    status,
    sinceBan: 0,
    respondedAt,
    admitted: {
      verdict: 'store',
      why: 'max-age',
      life: { born: 0, freshUntil: 1, graceUntil: 1, errorUntil: 1, keepUntil: 1 },
      vary: ['foo'],
      tags: [],
      sharing: 'all',
      servesAuthorized: false,
      fields,
      stripsCookies: false,
      isEsi: false,
    },
  });
}

test('the one that asked gets what was received, without what was for this hop', () => {
  assert.deepEqual(passedOn(received), [
    ...['Content-Type', 'text/plain', 'Age', '5', 'Content-Length', '9'],
    ...['Server-Timing', 'app;dur=1', 'Date', 'then', 'Via', '1.1 front, 1.1 edge-cache'],
  ]);
});

test('what is sent later says nothing of the exchange that fetched it', () => {
  assert.deepEqual(unpackFields(draft(received).sent), [
    ...['Content-Type', 'text/plain', 'Date', 'then'],
    ...['Via', '1.1 front, 1.1 edge-cache', 'Accept-Ranges', 'bytes'],
  ]);
  assert.ok(!draft(received, 404).sent.includes('Accept-Ranges'));
});

test('all that decides about a response is kept for a 304 to be merged into', () => {
  assert.deepEqual(storedFields(draft(received, 404)), [
    ...['Content-Type', 'text/plain', 'Date', 'then'],
    ...['Age', '5', 'Content-Length', '9', 'Via', '1.1 front', 'Surrogate-Control', 'max-age=9'],
  ]);
});

test('a response without Date gets that of its arrival', () => {
  assert.ok(draft(['A', '1']).sent.includes(`Date: ${formatHttpDate(respondedAt)}`));
});

test('a draft knows its place and its variant', () => {
  const { key, url, hostLength, variant } = draft([]);
  assert.deepEqual({ key, url, hostLength, variant }, { key: 'h/a', url: 'h/a', hostLength: 1, variant: 'foo:1\n' });
});

for (const [status, fields, length] of [
  [200, ['Content-Length', '9'], 9],
  [200, [], undefined],
  [200, ['Content-Length', 'nine'], undefined],
  [200, ['Content-Length', '9', 'Content-Length', '9'], undefined],
  [200, ['Content-Length', '9', 'Transfer-Encoding', 'chunked'], undefined],
  [204, [], 0],
] as const) {
  test(`a ${status} with ${JSON.stringify(fields)} announces ${length} bytes`, () => {
    assert.equal(announcedLength(status, fields), length);
  });
}
