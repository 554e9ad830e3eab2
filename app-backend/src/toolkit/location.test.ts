import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anEnviron } from '../testing/recording.ts';
import { absoluteLocation } from './location.ts';

const environ = anEnviron({ HTTP_HOST: 'example.com:8080', SCRIPT_NAME: '/app', PATH_INFO: '/a b/x' });

for (const [location, absolute] of [
  ['/x', 'http://example.com:8080/x'],
  ['x', 'http://example.com:8080/app/a%20b/x'],
  ['../up', 'http://example.com:8080/app/up'],
  ['?a=b', 'http://example.com:8080/app/a%20b/x?a=b'],
  ['', 'http://example.com:8080/app/a%20b/x'],
  ['http://other.example/x', 'http://other.example/x'],
  ['mailto:a@b.example', 'mailto:a@b.example'],
  // What the unfixed WebOb, or a browser behind it, takes for another host.
  ['//evil.example/x', 'http://example.com:8080/evil.example/x'],
  ['///evil.example/x', 'http://example.com:8080/evil.example/x'],
  ['/\\evil.example', 'http://example.com:8080/evil.example'],
  ['\\\\evil.example', 'http://example.com:8080/evil.example'],
  ['\\/evil.example', 'http://example.com:8080/evil.example'],
  [' //evil.example', 'http://example.com:8080/evil.example'],
  ['/a/..//evil.example', 'http://example.com:8080//evil.example'],
] as const) {
  test(`the location ${JSON.stringify(location)} is ${absolute}`, () => {
    assert.equal(absoluteLocation(location, environ), absolute);
  });
}

for (const location of ['/\t/evil.example', '/\n/evil.example', '\0//evil.example', 'java\tscript:alert(1)']) {
  test(`the location ${JSON.stringify(location)} is refused`, () => {
    assert.throws(() => absoluteLocation(location, environ), RangeError);
  });
}

test('nothing without a scheme leaves this host', () => {
  const piece = fc.constantFrom('/', '\\', '.', 'evil.example', '@', '%2f', ' ', '?', '#', 'a');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      assert.equal(new URL(absoluteLocation(pieces.join(''), environ)).host, 'example.com:8080');
    }),
  );
});
