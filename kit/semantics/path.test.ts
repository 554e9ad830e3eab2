import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizePath } from './path.ts';

// What a static front makes of them: 200 and 404 are for the disk to say, 400 is said here.
const paths: [raw: string, path: string][] = [
  ['/', '/'],
  ['/f.txt', '/f.txt'],
  ['/%66.txt', '/f.txt'],
  ['/%2566.txt', '/%66.txt'],
  ['/sub/%2e%2e/f.txt', '/f.txt'],
  ['/sub/./f.txt', '/sub/f.txt'],
  ['/sub/.', '/sub/'],
  ['/sub/x/..', '/sub/'],
  ['/sub/..', '/'],
  ['//f.txt', '/f.txt'],
  ['/sub//index.html', '/sub/index.html'],
  ['/sub//', '/sub/'],
  ['/sub//../x', '/x'],
  ['/.env', '/.env'],
  ['/%2egit/config', '/.git/config'],
  ['/...', '/...'],
  ['/..x/x..', '/..x/x..'],
  ['/f.txt/', '/f.txt/'],
  ['/f.txt/x', '/f.txt/x'],
  ['/%c3%a9.txt', '/é.txt'],
  ['/a%20b%3fc%23d', '/a b?c#d'],
  ['/%252e%252e/x', '/%2e%2e/x'],
  [`/${'a'.repeat(300)}`, `/${'a'.repeat(300)}`],
  ['', '/'],
  ['f.txt', '/f.txt'],
];

for (const [raw, path] of paths) {
  test(`${JSON.stringify(raw).slice(0, 40)} is the path ${path.slice(0, 40)}`, () => {
    assert.deepEqual(normalizePath(raw), { verdict: 'path', path, opaque: false });
  });
}

const opaque: [raw: string, path: string][] = [
  ['/sub/..%2ff.txt', '/f.txt'],
  ['/sub%2f..%2Ff.txt', '/f.txt'],
  ['/admin%2fx', '/admin/x'],
  ['/%2f%2fx', '/x'],
  ['/back%5cslash.txt', '/back\\slash.txt'],
  ['/back\\slash.txt', '/back\\slash.txt'],
  ['/..%5cx', '/..\\x'],
];

for (const [raw, path] of opaque) {
  test(`${raw} is judged as ${path} and names no file`, () => {
    assert.deepEqual(normalizePath(raw), { verdict: 'path', path, opaque: true });
  });
}

const bad: [raw: string, why: string][] = [
  ['/../x', 'climbs'],
  ['/..', 'climbs'],
  ['//../x', 'climbs'],
  ['/sub/../../x', 'climbs'],
  ['/%2e%2e/x', 'climbs'],
  ['/.%2e/x', 'climbs'],
  ['/sub/..%2f../x', 'climbs'],
  ['/%2e%2e%2fx', 'climbs'],
  ['/a%2fb/../../x', 'climbs'],
  ['/f.txt%00', 'control'],
  ['/f.txt%00.html', 'control'],
  ['/f.txt%0d%0aX:1', 'control'],
  ['/%7f', 'control'],
  ['/f.txt\n', 'control'],
  ['/f.txt%', 'bad-hex'],
  ['/f.txt%zz', 'bad-hex'],
  ['/f.txt%2', 'bad-hex'],
  ['/%u002e', 'bad-hex'],
  ['/%c0%ae%c0%ae/x', 'bad-utf8'],
  ['/%c0%af', 'bad-utf8'],
  ['/%ed%a0%80', 'bad-utf8'],
  ['/%c3', 'bad-utf8'],
  ['/\u00c3\u00a9.txt', 'bad-utf8'],
];

for (const [raw, why] of bad) {
  test(`${JSON.stringify(raw)} is refused: ${why}`, () => {
    assert.deepEqual(normalizePath(raw), { verdict: 'bad', why });
  });
}

const pieces = fc.constantFrom(
  '/',
  '.',
  '..',
  '%',
  '%2e',
  '%2f',
  '%5c',
  '%25',
  '%00',
  '%c3',
  '%a9',
  'a',
  '\\',
  ';',
  '\u00e9',
);
const hostile = fc.oneof(
  fc.array(pieces, { maxLength: 20 }).map((parts) => `/${parts.join('')}`),
  fc.string({ unit: 'binary' }),
);

test('whatever comes, a path is absolute, without dot segments, empty segments and controls', () => {
  fc.assert(
    fc.property(hostile, (raw) => {
      const normal = normalizePath(raw);
      if (normal.verdict === 'bad') return;
      const { path } = normal;
      assert.ok(path.startsWith('/'));
      assert.ok(!path.includes('//') && !path.includes('\0'));
      assert.ok(!path.split('/').some((segment) => segment === '.' || segment === '..'));
    }),
    { numRuns: 5000 },
  );
});

test('a path is decoded exactly once', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.\.?$|[/\\]|\p{Cc}/u.test(text));
  fc.assert(
    fc.property(fc.array(segment), (segments) => {
      const encoded = `/${segments.map(encodeURIComponent).join('/')}`;
      assert.deepEqual(normalizePath(encoded), { verdict: 'path', path: `/${segments.join('/')}`, opaque: false });
    }),
  );
});

test('the normal form of a normal form is itself', () => {
  fc.assert(
    fc.property(hostile, (raw) => {
      const normal = normalizePath(raw);
      if (normal.verdict === 'bad') return;
      const again = normalizePath(normal.path.split('/').map(encodeURIComponent).join('/'));
      assert.equal(again.verdict === 'path' && again.path, normal.path);
    }),
    { numRuns: 2000 },
  );
});
