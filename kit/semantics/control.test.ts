import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hasControl } from './control.ts';

describe('a text has a control character', () => {
  for (const [what, text, expected] of [
    ['not when it is empty', '', false],
    ['not for blanks', ' a b ', false],
    ['not for printable ASCII', '!az09~', false],
    ['not for what lies behind DEL', '\x80\x9f\xa0\xff', false],
    ['not for what no byte can be', 'é漢\u2028\uffff', false],
    ['not for a pair of surrogates, nor for half of one', '😀\ud800', false],
    ['for NUL', '\0', true],
    ['for a tab', 'a\tb', true],
    ['for a line end', 'a\r\nb', true],
    ['for the last before the blank', '\x1f', true],
    ['for DEL', '\x7f', true],
    ['wherever it stands: first', '\x01abc', true],
    ['wherever it stands: last', 'abc\x01', true],
    ['among others than ASCII', '漢\x1b漢', true],
  ] as const) {
    test(what, () => assert.equal(hasControl(text), expected));
  }

  test('for 33 characters out of all', () => {
    const found = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) =>
      hasControl(String.fromCharCode(code)),
    );
    assert.deepEqual(found, [...Array.from({ length: 0x20 }, (_, code) => code), 0x7f]);
  });

  test('if and only if one of its characters is one', () => {
    const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        assert.equal(hasControl(characters.join('')), characters.some(hasControl));
      }),
    );
  });
});
