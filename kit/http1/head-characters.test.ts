import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FieldKind, fieldKind, isTargetCode, isTokenCode, isValueCode } from './head-characters.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

/** Which characters of all bytes a question allows. */
function allowedBy(isAllowed: (code: number) => boolean): string {
  const codes = Array.from({ length: 256 }, (_, code) => code).filter(isAllowed);
  return String.fromCharCode(...codes);
}

/** In the order of their codes. */
function inOrder(characters: string): string {
  return [...characters].sort().join('');
}

describe('of all bytes', () => {
  const cases: [string, (code: number) => boolean, string][] = [
    ['a token has the tchars of RFC 9110 §5.6.2', isTokenCode, `!#$%&'*+-.^_\`|~${digits}${letters}`],
    ['a plain target has what two hops read alike', isTargetCode, `!$%&'()*+,-./:;=?@[]_~${digits}${letters}`],
    [
      'a plain value has printable ASCII and blanks',
      isValueCode,
      ` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~${digits}${letters}`,
    ],
  ];
  for (const [what, isAllowed, expected] of cases) {
    test(`${what}, and nothing else`, () => assert.equal(allowedBy(isAllowed), inOrder(expected)));

    test(`${what}; neither the end of the text nor a character beyond bytes is one`, () => {
      for (const code of [Number.NaN, -1, 256, 0x2028, 0xffff]) assert.equal(isAllowed(code), false);
    });
  }
});

describe('a field', () => {
  const cases: [FieldKind, string[]][] = [
    ['host', ['host']],
    ['connection', ['connection']],
    ['not-plain', ['content-length', 'transfer-encoding', 'trailer', 'upgrade', 'http2-settings', 'expect']],
    ['not-plain', ['range', 'if-range', 'proxy-connection', 'max-forwards']],
    // Of the same length and first letter as one above, and then of none.
    ['any', ['hope', 'http', 'http2-nonsense', 'expert', 'ripen', 'update1', 'content-nothing', 'max-forward']],
    ['any', ['accept', 'cookie', 'te', 'keep-alive', 'x', '', 'hos', 'hostx', '(ost', 'constructor', '__proto__']],
  ];
  for (const [kind, names] of cases) {
    for (const name of names) {
      test(`${JSON.stringify(name)} is ${kind}, in whatever case`, () => {
        const mixed = name.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter));
        for (const spelling of [name, name.toUpperCase(), mixed]) assert.equal(fieldKind(spelling), kind);
      });
    }
  }
});
