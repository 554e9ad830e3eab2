import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostRule, includeTarget } from './target.ts';

const base = { host: 'Example.com:80', target: '/a/b/page?q=1/2' };
const none = hostRule([]);

const own: readonly [reference: string, target: string][] = [
  ['/x', '/x'],
  ['/x?y=//z', '/x?y=//z'],
  ['x', '/a/b/x'],
  ['./x', '/a/b/x'],
  ['../x', '/a/x'],
  ['../../../x/.', '/x/'],
  ['/x/../y/..', '/'],
  ['?y', '/a/b/page?y'],
  ['x#part', '/a/b/x'],
  ['#part', '/a/b/page?q=1/2'],
  [' /x ', '/x'],
  ['/a b\xc3\xa4', '/a%20b%C3%A4'],
  ['/x..y/...', '/x..y/...'],
  ['http://example.com/x', '/x'],
  ['HTTP://EXAMPLE.com:80', '/'],
  ['https://example.com:443/x/./y', '/x/y'],
  ['//example.com?y', '/?y'],
  ['http://example.com#x', '/'],
];

for (const [reference, target] of own) {
  test(`[case 50] ${JSON.stringify(reference)} is ${target} on the page's own host`, () => {
    assert.deepEqual(includeTarget(reference, base, none), {
      verdict: 'ask',
      host: base.host,
      target,
      isSameHost: true,
    });
  });
}

const refused: readonly [reference: string, why: string][] = [
  ['', 'bad-url'],
  ['/x\r\nX: y', 'bad-url'],
  ['/x\ty', 'bad-url'],
  ['/x\0', 'bad-url'],
  ['/x\x7f', 'bad-url'],
  ['http:/x', 'bad-url'],
  ['http://', 'bad-url'],
  ['http://user@example.com/', 'bad-url'],
  ['http://example.com@evil.example/', 'bad-url'],
  ['http://ex%61mple.com/', 'bad-url'],
  ['http://example.com:x/', 'bad-url'],
  ['ftp://example.com/x', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['javascript:x', 'scheme'],
  ['https://other.example/x', 'scheme'],
  ['http://other.example/x', 'foreign-host'],
  ['//other.example/x', 'foreign-host'],
  ['http://example.com:81/x', 'foreign-host'],
  ['http://127.0.0.1/x', 'private-host'],
  ['http://127.1/', 'private-host'],
  ['http://2130706433/', 'private-host'],
  ['http://0x7f.1/', 'private-host'],
  ['http://10.0.0.1:8080/', 'private-host'],
  ['http://8.8.8.8/', 'private-host'],
  ['http://[::1]/', 'private-host'],
  ['http://localhost/', 'private-host'],
  ['http://LOCALHOST.:9080/', 'private-host'],
  ['http://db/', 'private-host'],
  ['http://a.internal/', 'private-host'],
];

for (const [reference, why] of refused) {
  test(`[case 50] ${JSON.stringify(reference)} is refused: ${why}`, () => {
    assert.deepEqual(includeTarget(reference, base, none), { verdict: 'refused', why });
  });
}

const listed: readonly [list: string[], reference: string, host: string | undefined][] = [
  [['other.example'], 'http://Other.example/x', 'other.example'],
  [['other.example:80'], 'http://other.example/x', 'other.example'],
  [['other.example'], 'http://other.example:81/x', undefined],
  [['other.example:81'], '//other.example:81/x', 'other.example:81'],
  [['other.example'], 'https://other.example/x', undefined],
  [['*.example'], 'http://other.example/x', 'other.example'],
  [['*.example'], 'http://example/x', undefined],
  [['*'], 'http://other.example/x', 'other.example'],
  [['*'], 'http://127.0.0.1/x', undefined],
  [['*'], 'http://[::1]/x', undefined],
  [['*'], 'http://localhost/x', undefined],
  [['10.*'], 'http://10.0.0.1/x', undefined],
  [['10.0.0.1:81', '[::1]'], 'http://10.0.0.1:81/x', '10.0.0.1:81'],
  [['10.0.0.1:81', '[::1]'], 'http://[::1]/x', '[::1]'],
];

for (const [list, reference, host] of listed) {
  test(`[case 50] with ${list} on the list, ${reference} is ${host === undefined ? 'refused' : 'asked for'}`, () => {
    const target = includeTarget(reference, base, hostRule(list));
    if (host === undefined) assert.equal(target.verdict, 'refused');
    else assert.deepEqual(target, { verdict: 'ask', host, target: '/x', isSameHost: false });
  });
}

test('a page on a private address includes from there', () => {
  const target = includeTarget('http://127.0.0.1:8080/x', { host: '127.0.0.1:8080', target: '/' }, none);
  assert.deepEqual(target, { verdict: 'ask', host: '127.0.0.1:8080', target: '/x', isSameHost: true });
});
