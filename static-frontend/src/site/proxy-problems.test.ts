import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from './check.ts';
import { proxyChecks } from './proxy-problems.ts';

for (const options of [
  ...[{ to: '/' }, { to: '/a/%20;b' }, { buffering: 'off' }, { requestBuffering: 'stream' }, { bodyLimit: '0B' }],
  ...[{ intercept: [] }, { intercept: [400, 599] }, { compress: false }, { location: {} }],
  ...[{ location: { 'http://a/': '' } }, { cookies: { domain: { 'a.b': '' }, path: { '/a': '/' } } }],
]) {
  test(`${JSON.stringify(options)} is how one may ask`, () => {
    assert.deepEqual(problemsOf('r', options, proxyChecks), []);
  });
}

for (const [options, problem] of [
  ...['', 'a', 'http://a/', '/a b', '/a?b', '/a#b', '/ä', '/a\r\nX: 1', 1].map(
    (to) => [{ to }, /to: .*not a path/] as const,
  ),
  [{ buffering: true }, /buffering: true is no buffering \(known: on, off\)/],
  [{ requestBuffering: 'on' }, /"on" is no requestBuffering/],
  [{ bodyLimit: 10 }, /bodyLimit: 10 is not a size/],
  [{ intercept: 404 }, /intercept: is a list of statuses/],
  [{ intercept: { a: 404 } }, /intercept: is a list of statuses/],
  [{ intercept: [404, 399] }, /intercept: 1: 399 is not a whole number from 400 to 599/],
  [{ intercept: [600] }, /intercept: 0: 600/],
  [{ location: [] }, /location: is an object of what is replaced/],
  [{ location: { '': '/' } }, /location: is an object/],
  [{ location: { a: 'b c' } }, /location: is an object/],
  [{ location: { 'a\r\n': 'b' } }, /location: is an object/],
  [{ location: { a: 1 } }, /location: is an object/],
  [{ cookies: { name: {} } }, /cookies: there is no "name"/],
  [{ cookies: { path: '/' } }, /cookies: path: is an object/],
  [{ compress: 'gzip' }, /compress: "gzip" is not true or false/],
] satisfies (readonly [object, RegExp])[]) {
  test(`${JSON.stringify(options)} is a problem`, () => {
    assert.match(problemsOf('r', options, proxyChecks).join('\n'), problem);
  });
}
