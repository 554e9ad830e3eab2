import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMostWelcomeCoding, isMostWelcomeLanguage } from './negotiate.ts';

for (const [accept, coding, isMost] of [
  ['gzip', 'gzip', true],
  ['gzip, br', 'gzip', true],
  ['gzip, br', 'x-gzip', true],
  ['gzip;q=0.5, br', 'gzip', false],
  ['gzip;q=0.5, br', 'br', true],
  ['gzip;q=0', 'gzip', false],
  ['*', 'gzip', true],
  ['*;q=0.1, gzip', 'gzip', true],
  ['*;q=0.5, gzip;q=0.1', 'gzip', false],
  ['gzip', undefined, false],
  ['gzip, identity', undefined, false],
  ['gzip;q=0.5, identity', undefined, true],
  ['gzip;q=0', undefined, true],
  ['identity;q=0', undefined, false],
  ['', undefined, true],
  [undefined, undefined, true],
  [undefined, 'gzip', false],
] as const) {
  test(`to "Accept-Encoding: ${accept}" ${coding ?? 'identity'} is ${isMost ? '' : 'not '}as good as it gets`, () => {
    assert.equal(isMostWelcomeCoding(accept, coding), isMost);
  });
}

for (const [accept, language, isMost] of [
  ['de', 'de', true],
  ['de', 'de-CH', true],
  ['de-CH', 'de', false],
  ['DE', 'de', true],
  ['fr;q=0.5, de;q=1.0', 'de', true],
  ['fr;q=0.5, de;q=1.0', 'fr', false],
  ['fr, de', 'de', true],
  ['de;q=0', 'de', false],
  ['de, de-ch;q=0.1', 'de-ch', false],
  ['*', 'de', false],
  ['d', 'de', false],
  [undefined, 'de', false],
] as const) {
  test(`to "Accept-Language: ${accept}" ${language} is ${isMost ? '' : 'not '}as good as it gets`, () => {
    assert.equal(isMostWelcomeLanguage(accept, language), isMost);
  });
}
