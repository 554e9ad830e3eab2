import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseTarget, splitQuery, type Target } from './target.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
describe('valid targets', () => {
  const absolute = (authority: string, path: string, scheme: 'http' | 'https' = 'http'): Target => ({
    ...{ form: 'absolute', scheme, authority, path },
  });
  const table: [method: string, target: string, expected: Target][] = [
    ['GET', '/', { form: 'origin', path: '/' }],
    ['GET', '/a/../b%2F?x=1?y', { form: 'origin', path: '/a/../b%2F?x=1?y' }],
    ['GET', '//other.example/x', { form: 'origin', path: '//other.example/x' }],
    ['GET', '/*', { form: 'origin', path: '/*' }],
    ['GET', '/a|b^`{}"<>\\', { form: 'origin', path: '/a|b^`{}"<>\\' }],
    ['GET', '/http://a/', { form: 'origin', path: '/http://a/' }],
    ['OPTIONS', '*', { form: 'asterisk' }],
    ['OPTIONS', '/', { form: 'origin', path: '/' }],
    ['CONNECT', 'a.example:443', { form: 'authority' }],
    ['CONNECT', '[::1]:443', { form: 'authority' }],
    ['GET', 'http://a.example/x?y', absolute('a.example', '/x?y')],
    ['GET', 'http://a.example', absolute('a.example', '/')],
    ['GET', 'http://a.example?y', absolute('a.example', '/?y')],
    ['GET', 'http://a.example?y/z', absolute('a.example', '/?y/z')],
    ['GET', 'HTTP://A.Example:8080/X', absolute('A.Example:8080', '/X')],
    ['GET', 'https://[::1]:443//x', absolute('[::1]:443', '//x', 'https')],
    ['OPTIONS', 'http://a.example', absolute('a.example', '/')],
  ];
  for (const [method, target, expected] of table) {
    test(`${method} ${target} is in ${expected.form} form`, () =>
      assert.deepEqual(parseTarget(method, target), expected));
  }
});

describe('bad targets say why', () => {
  const table: [method: string, target: string, why: RegExp][] = [
    ['GET', '', /empty/],
    ['GET', '/a#b', /fragment/],
    ['GET', 'http://a#b', /fragment/],
    ['GET', '/a b', /space/],
    ['GET', ' /', /space/],
    ['GET', '/a\tb', /control/],
    ['GET', '/a\0', /control/],
    ['GET', '/a\r\nX: 1', /control/],
    ['GET', '/a\u007f', /control/],
    ['GET', '/\u0080', /ASCII/],
    ['GET', '/\u00ff', /ASCII/],
    ['GET', '/é', /ASCII/],
    ['GET', '/\ud83d', /ASCII/],
    ['GET', 'a.html', /begins with neither/],
    ['GET', '?a', /begins with neither/],
    ['GET', '../a', /begins with neither/],
    ['GET', 'a.example:443', /begins with neither/],
    ['GET', 'http:/a', /begins with neither/],
    ['GET', 'http:a', /begins with neither/],
    ['GET', 'ftp://a/', /begins with neither/],
    ['GET', 'file:///etc/passwd', /begins with neither/],
    ['GET', 'httpx://a/', /begins with neither/],
    ['GET', 'xhttp://a/', /begins with neither/],
    ['GET', '*', /OPTIONS/],
    ['GET', '*/', /begins with neither/],
    ['OPTIONS', '**', /begins with neither/],
    ['options', '*', /OPTIONS/],
    ['GET', 'http://', /authority/],
    ['GET', 'http:///x', /authority/],
    ['GET', 'http://user@a/', /authority/],
    ['GET', 'http://a:b@c/', /authority/],
    ['GET', 'http://a:65536/', /authority/],
    ['GET', 'http://a\\b/', /authority/],
    ['GET', 'http://[::1/', /authority/],
    ['CONNECT', '/', /CONNECT/],
    ['CONNECT', '*', /CONNECT/],
    ['CONNECT', 'a.example', /CONNECT/],
    ['CONNECT', 'a.example:', /CONNECT/],
    ['CONNECT', 'http://a.example:80/', /CONNECT/],
    ['CONNECT', '/a b', /space/],
  ];
  for (const [method, target, why] of table) {
    test(`${method} ${JSON.stringify(target)} is bad`, () => {
      const parsed = parseTarget(method, target);
      assert.ok(parsed.form === 'bad');
      assert.match(parsed.why, why);
    });
  }
});

describe('splitQuery', () => {
  const table: [target: string, path: string, query: string | undefined][] = [
    ['/a', '/a', undefined],
    ['/a?', '/a', ''],
    ['/a?b=c', '/a', 'b=c'],
    ['/a?b?c', '/a', 'b?c'],
    ['?', '', ''],
    ['', '', undefined],
    ['/a%3Fb', '/a%3Fb', undefined],
  ];
  for (const [target, path, query] of table) {
    test(`${target || 'an empty path'} has ${query === undefined ? 'no query' : `the query '${query}'`}`, () => {
      assert.deepEqual(splitQuery(target), { path, query });
    });
  }
});

const visible = fc.string({ unit: fc.constantFrom(...'/a?%2e.:@*[]=&;'), maxLength: 12 });

test('an origin-form target comes back byte for byte, and so do path and query', () => {
  fc.assert(
    fc.property(visible, (rest) => {
      const target = `/${rest}`;
      assert.deepEqual(parseTarget('GET', target), { form: 'origin', path: target });
      const { path, query } = splitQuery(target);
      assert.equal(query === undefined ? path : `${path}?${query}`, target);
    }),
  );
});

test('on any string the answer is a form, and a path begins with a slash and is plain ASCII', () => {
  const likely = fc.tuple(fc.constantFrom('http://', 'https://a', '/', '*', ''), visible).map(([a, b]) => a + b);
  const method = fc.constantFrom('GET', 'OPTIONS', 'CONNECT');
  fc.assert(
    fc.property(method, fc.oneof(likely, fc.string({ unit: character })), (method, target) => {
      const parsed = parseTarget(method, target);
      if (parsed.form === 'origin' || parsed.form === 'absolute')
        assert.match(parsed.path, /^\/[\x21-\x22\x24-\x7e]*$/);
    }),
    { numRuns: 400 },
  );
});
