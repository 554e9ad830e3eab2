import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicCredentials } from './credentials.ts';

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

const table: readonly [what: string, values: string[], expected: [string, string] | undefined][] = [
  ['the example of RFC 7617', ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='], ['Aladdin', 'open sesame']],
  ['the one in UTF-8', ['Basic dGVzdDoxMjPCow=='], ['test', '123£']],
  ['the scheme in other letters', ['bASIC  dGVzdDoxMjPCow=='], ['test', '123£']],
  ['no padding', ['Basic dGVzdDoxMjPCow'], ['test', '123£']],
  ['a colon in the password', [basic('a:b:c')], ['a', 'b:c']],
  ['no name and no password', [basic(':')], ['', '']],
  ['no colon', [basic('ab')], undefined],
  ['nothing', [], undefined],
  ['another scheme', ['Bearer dGVzdDoxMjPCow=='], undefined],
  ['no base64', ['Basic a:b'], undefined],
  ['two lines', [basic('a:b'), basic('c:d')], undefined],
  ['latin-1', [basic(Buffer.from('a:\xa3', 'latin1'))], undefined],
  ['a control character', [basic('a:b\n')], undefined],
  ['a NUL in the name', [basic('a\0:b')], undefined],
  ['more than anybody remembers', [basic(`a:${'b'.repeat(1100)}`)], undefined],
];

for (const [what, values, expected] of table) {
  test(`${what}: ${expected === undefined ? 'nobody' : JSON.stringify(expected)}`, () => {
    const found = basicCredentials(values.flatMap((value) => ['Authorization', value]));
    assert.deepEqual(found && [found.name, found.password.toString()], expected);
  });
}
