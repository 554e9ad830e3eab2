import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEnviron } from '../testing/recording.ts';
import { checkEnviron } from './validate-environ.ts';

const nothing = () => undefined;

/** A good environ, changed in one place: a value, or undefined to take the key out. */
function changed(changes: Readonly<Record<string, unknown>>): object {
  const environ = { ...anEnviron(), ...changes };
  return Object.fromEntries(Object.entries(environ).filter(([, value]) => value !== undefined));
}

test('an environ of the gateway has no fault and deserves no warning', () => {
  assert.deepEqual(checkEnviron(anEnviron()), { fault: undefined, warnings: [] });
});

for (const [changes, fault] of [
  [{ REQUEST_METHOD: undefined }, /lacks REQUEST_METHOD/],
  [{ SERVER_NAME: undefined }, /lacks SERVER_NAME/],
  [{ 'wsgi.run_once': undefined }, /lacks wsgi.run_once/],
  [{ HTTP_CONTENT_TYPE: 'a/b' }, /its name is CONTENT_TYPE/],
  [{ HTTP_CONTENT_LENGTH: '1' }, /its name is CONTENT_LENGTH/],
  [{ SERVER_PORT: 80 }, /SERVER_PORT is number/],
  [{ HTTP_X: '€' }, /beyond latin-1/],
  [{ 'wsgi.version': '1.0' }, /not a pair/],
  [{ 'wsgi.url_scheme': 'ftp' }, /url_scheme/],
  [{ 'wsgi.input': {} }, /no read/],
  [{ 'wsgi.input': { read: nothing, readline: nothing, readlines: nothing } }, /not iterable/],
  [{ 'wsgi.errors': { write: nothing } }, /no flush/],
  [{ SCRIPT_NAME: 'x' }, /SCRIPT_NAME does not begin/],
  [{ PATH_INFO: 'x' }, /PATH_INFO does not begin/],
  [{ CONTENT_LENGTH: '-1' }, /not a number/],
  [{ SCRIPT_NAME: '', PATH_INFO: undefined }, /PATH_INFO is missing/],
  [{ SCRIPT_NAME: '/' }, /slash alone/],
] as const) {
  test(`${JSON.stringify(changes)} is a fault`, () => {
    assert.match(checkEnviron(changed(changes)).fault ?? '', fault);
  });
}

for (const environ of [null, undefined, 'text', [], new Map(), Object.create({ inherited: true })]) {
  test(`${Object.prototype.toString.call(environ)} is no plain object`, () => {
    assert.match(checkEnviron(environ).fault ?? '', /plain object/);
  });
}

for (const [changes, warning] of [
  [{ QUERY_STRING: undefined }, /QUERY_STRING/],
  [{ REQUEST_METHOD: 'BREW' }, /BREW/],
] as const) {
  test(`${JSON.stringify(changes)} deserves a warning only`, () => {
    const { fault, warnings } = checkEnviron(changed(changes));
    assert.equal(fault, undefined);
    assert.match(warnings.join(), warning);
  });
}
