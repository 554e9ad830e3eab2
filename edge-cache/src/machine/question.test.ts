import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../define-policy.ts';
import { Rules } from '../rules.ts';
import { type Asked, Question } from './question.ts';

const asked: Asked = {
  method: 'GET',
  target: '/a?b=1&utm_x=2',
  host: 'Example.com:80',
  scheme: 'http',
  version: '1.1',
  client: '192.0.2.1',
  fields: ['Cache-Control', 'no-cache', 'Cookie', 'a=1; b=2', 'TE', 'trailers'],
};
const put = (over: Partial<Asked> = {}, policy: Policy = {}, isHonoured = true) =>
  new Question({ ...asked, ...over }, new Rules(policy), isHonoured);

test('the key is host, path and query, as far as the policy lets them count', () => {
  assert.equal(put().key, 'example.com/a?b=1&utm_x=2');
  assert.equal(put({}, { query: { remove: ['utm_*'] } }).key, 'example.com/a?b=1');
  assert.equal(put({}, { key: () => 'own' }).key, 'own');
  assert.equal(put({}, { key: () => undefined }).key, 'example.com/a?b=1&utm_x=2');
});

test('requests with credentials have a lane of their own', () => {
  assert.equal(put().lane, put().key);
  assert.notEqual(put({ fields: ['Authorization', 'x'] }).lane, put().lane);
});

test('directives that are not honoured are not heard, and not passed on', () => {
  assert.equal(put().directives.noCache, true);
  assert.equal(put({}, {}, false).directives.noCache, false);
  assert.deepEqual(put({}, {}, false).fields, ['Cookie', 'a=1; b=2', 'TE', 'trailers']);
});

test('cookies that the policy drops are not passed on', () => {
  assert.deepEqual(put({ fields: ['Cookie', 'a=1; b=2'] }, { cookies: { keep: ['b'] } }).fields, ['Cookie', 'b=2']);
  assert.deepEqual(put({ fields: ['Cookie', 'a=1'] }, { cookies: { keep: [] } }).fields, []);
});

test('trailers and 1xx are for HTTP/1.1', () => {
  assert.deepEqual([put().takesTrailers, put().takesInterim], [true, true]);
  assert.deepEqual([put({ version: '1.0' }).takesTrailers, put({ version: '1.0' }).takesInterim], [false, false]);
  assert.equal(put({ fields: ['TE', 'gzip'] }).takesTrailers, false);
});
