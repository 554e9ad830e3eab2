import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suits } from './negotiated.ts';
import { variantOf } from './vary.ts';

const nothing = { coding: undefined, language: undefined };

for (const [what, vary, stored, asked, content, isSuited] of [
  ['the same coding, wished otherwise', ['accept-encoding'], ['gzip'], ['gzip, br;q=0.9'], { coding: 'gzip' }, true],
  ['a coding that is second best', ['accept-encoding'], ['gzip'], ['gzip;q=0.5, br'], { coding: 'gzip' }, false],
  ['no coding where one is wished', ['accept-encoding'], [undefined], ['gzip'], {}, false],
  ['no coding where none is wished', ['accept-encoding'], ['gzip'], [undefined], {}, true],
  ['the best language', ['accept-language'], ['en, de'], ['fr;q=0.5, de'], { language: 'de' }, true],
  ['a language without a name', ['accept-language'], ['de'], ['de, en'], {}, false],
  [
    'both at once',
    ['accept-encoding', 'accept-language'],
    ['gzip', 'de'],
    ['gzip, br', 'de, en;q=0.5'],
    { coding: 'gzip', language: 'de' },
    true,
  ],
  ['something else that differs', ['accept-encoding', 'foo'], ['gzip', '1'], ['gzip', '2'], { coding: 'gzip' }, false],
  [
    'something else that is alike',
    ['accept-encoding', 'foo'],
    ['gzip', '1'],
    ['br, gzip', '1'],
    { coding: 'gzip' },
    true,
  ],
] as const) {
  test(`${what} ${isSuited ? 'suits' : 'does not suit'}`, () => {
    const fields = (values: readonly (string | undefined)[]) =>
      vary.flatMap((name, at) => (values[at] === undefined ? [] : [name, values[at]]));
    const variant = { vary, variant: variantOf(vary, fields(stored)) };
    assert.equal(suits(variant, fields(asked), { ...nothing, ...content }), isSuited);
  });
}
