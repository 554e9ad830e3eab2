import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anEnviron } from '../testing/recording.ts';
import { fieldsOf, hasBody, headersOf } from './environ-fields.ts';

test('variables of the request become fields, and no others do', () => {
  const environ = anEnviron({ CONTENT_TYPE: 'a/b', CONTENT_LENGTH: '', HTTP_X_FORWARDED_FOR: '1', REMOTE_USER: 'me' });
  environ.HTTP_HOST = 'h';
  environ['my.HTTP_A'] = 'x';
  Object.assign(environ, { HTTP_NUMBER: 5, XHTTP_A: 'x' });
  assert.deepEqual(fieldsOf(environ).toSorted(), [
    '',
    '1',
    'Content-Length',
    'Content-Type',
    'Host',
    'X-Forwarded-For',
    'a/b',
    'h',
  ]);
});

describe('a request has a body', () => {
  for (const [what, over, has] of [
    ['by its length', { CONTENT_LENGTH: '1' }, true],
    ['not of length 0', { CONTENT_LENGTH: '0' }, false],
    ['not of length 00', { CONTENT_LENGTH: '00' }, false],
    ['not without a length', { CONTENT_LENGTH: '' }, false],
    ['in chunks', { HTTP_TRANSFER_ENCODING: 'chunked' }, true],
  ] as const) {
    test(what, () => assert.equal(hasBody(anEnviron(over)), has));
  }
});

test('an answer has its fields in order, twice where they came twice, but for those of the connection', () => {
  const fields = [
    'Set-Cookie',
    'a',
    'Connection',
    'close, X-Hop',
    'X-Hop',
    '1',
    'Transfer-Encoding',
    'chunked',
    'Set-Cookie',
    'b',
  ];
  assert.deepEqual(headersOf(fields), [
    ['Set-Cookie', 'a'],
    ['Set-Cookie', 'b'],
  ]);
});
