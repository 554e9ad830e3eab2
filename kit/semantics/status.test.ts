import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { test } from 'node:test';
import { reasonPhrase } from './status.ts';

// What RFC 9110 renamed and node:http still calls by the old name, and what is no status of HTTP.
const renamed = new Set(['413', '418', '422', '509', '510']);

test('phrases are those of the registry', () => {
  for (const [status, phrase] of Object.entries(STATUS_CODES)) {
    if (!renamed.has(status)) assert.equal(reasonPhrase(Number(status)), phrase);
  }
  assert.equal(reasonPhrase(413), 'Content Too Large');
  assert.equal(reasonPhrase(422), 'Unprocessable Content');
});

test('a code outside the registry has a phrase too', () => {
  for (const status of [299, 599, Number.NaN]) assert.equal(reasonPhrase(status), 'Unknown');
});
