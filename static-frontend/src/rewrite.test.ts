import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from '@trivet/kit/files/asked-path.ts';
import fc from 'fast-check';
import { rewritten } from './rewrite.ts';
import type { Rewrite } from './site/route-options.ts';

function rewrite(rewrites: readonly Rewrite[], target: string) {
  return rewritten(rewrites, askedPath(target), target);
}

function targetOf(rewrites: readonly Rewrite[], target: string): string {
  const found = rewrite(rewrites, target);
  assert.ok(found.verdict === 'asked');
  const { path, opaque, rawPath, query } = askedPath(found.target);
  assert.deepEqual(found.asked, { path, opaque, rawPath, query });
  return found.target;
}

const folder: Rewrite[] = [{ path: '/a/', to: '/b/' }];
const whole: Rewrite[] = [{ path: '/a', to: '/b' }];
const exact: Rewrite[] = [{ path: '/a', exact: true, to: '/b' }];
const user: Rewrite[] = [{ pattern: /^\/u\/([^/]+)\/(?<rest>.*)$/, to: '/user/$<rest>?id=$1' }];

for (const [what, rewrites, asked, target] of [
  ['what no rewrite is for stays', folder, '/x%2Fy?q', '/x%2Fy?q'],
  ['what follows the path stays byte for byte', folder, '/a/%7e//x%2F.;?q=%20', '/b/%7e//x%2F.;?q=%20'],
  ['a folder is what lies below it', folder, '/a', '/a'],
  ['the folder itself', folder, '/a/', '/b/'],
  ['whole segments', whole, '/ab', '/ab'],
  ['the path itself and what lies below', whole, '/a?q', '/b?q'],
  ['what lies below, behind another slash', whole, '/a/x', '/b/x'],
  ['an encoded slash is no slash', whole, '/a%2Fx', '/b%2Fx'],
  ['exactly this', exact, '/a', '/b'],
  ['exactly this and nothing below', exact, '/a/x', '/a/x'],
  ['all of it to the top', [{ path: '/a/', to: '/' }], '/a/x//y', '/x//y'],
  ['the top to a folder', [{ path: '/', to: '/b/', last: true }], '/x%2fy', '/b/x%2fy'],
  ['another spelling of the path', folder, '/%61/%41?q', '/b/%41?q'],
  ['another spelling with umlauts', [{ path: '/ä/', to: '/b/' }], '/%C3%A4/%F0%9F%98%80%2C', '/b/%F0%9F%98%80%2C'],
  ['dot segments before it', folder, '/x/../a/%41', '/b/A'],
  ['dot segments that lead there again', folder, '/a/../a/x', '/b/x'],
  ['dot segments behind it', folder, '/a/x/../y', '/b/x/../y'],
  ['doubled slashes before it', folder, '//a/x y'.replace(' ', '%20'), '/b/x%20y'],
  ['arguments of its own stand first', [{ path: '/a', to: '/b?x=1' }], '/a?y', '/b?x=1&y'],
  ['arguments of its own, none of the client', [{ path: '/a', to: '/b?x=1' }], '/a/z', '/b/z?x=1'],
  ['a question mark drops arguments', [{ path: '/a', to: '/b?' }], '/a/z?y', '/b/z'],
  ['groups by number and name', user, '/u/ada/a%2Cb/c', '/user/a%2Cb/c?id=ada'],
  ['a group is one argument', user, '/u/a&admin=1%26/x?y', '/user/x?id=a%26admin%3D1%26&y'],
  ['a group that took no part is empty', [{ pattern: /^\/a(b)?$/, to: '/x$1' }], '/a', '/x'],
  ['a dollar', [{ pattern: /^\/a$/, to: '/$$1' }], '/a', '/$1'],
  ['one after the other, from the first', [{ path: '/b', to: '/c' }, ...whole], '/a', '/c'],
  [
    'the last is the last',
    [
      { path: '/b', to: '/c' },
      { path: '/a', to: '/b', last: true },
    ],
    '/a',
    '/b',
  ],
] as const satisfies [string, readonly Rewrite[], string, string][]) {
  test(`${what}: ${asked} is ${target}`, () => assert.equal(targetOf(rewrites, asked), target));
}

test('ten rewrites are carried out, the eleventh is a loop', () => {
  const chain = (length: number): Rewrite[] =>
    Array.from({ length }, (_, at) => ({ path: `/${at}`, exact: true, to: `/${at + 1}` }));
  assert.equal(targetOf(chain(10), '/0'), '/10');
  assert.deepEqual(rewrite(chain(11), '/0'), { verdict: 'loop', why: 'rewritten 10 times, at last to /10' });
  assert.equal(rewrite([{ path: '/a', to: '/a' }], '/a').verdict, 'loop');
});

for (const [what, rewrites, asked, reason] of [
  ['a path that climbs', [{ pattern: /^\/a\/(.*)$/, to: '/../$1' }], '/a/x', 'bad-path'],
  ['dots that a group makes climb', [{ pattern: /^\/a(.*)$/, to: '/.$1/..' }], '/a./x/..', 'bad-path'],
  ['an encoded slash that dots hide', user, '/x/../u/ada/x%2fy', 'bad-path'],
  ['an encoded slash behind a hidden prefix', folder, '//a/x%2fy', 'bad-path'],
  ['a path that doubles', [{ pattern: /^(.*)$/, to: '/$1$1' }], `/${'x'.repeat(30_000)}`, 'target-too-long'],
] as const satisfies [string, readonly Rewrite[], string, string][]) {
  test(`${what} is ${reason}`, () => {
    assert.throws(() => rewrite(rewrites, asked), { name: 'Fault', reason });
  });
}

test('a path with an encoded slash never becomes one without', () => {
  const segment = fc.constantFrom('a', 'b', '%61', '.', '..', '', '%2F', 'x%2fy', '%2e%2e', '%C3%A4', 'c');
  const rewrites: Rewrite[] = [
    { path: '/a/', to: '/n/', last: true },
    { pattern: /^\/b\/(.*)$/, to: '/n/$1', last: true },
  ];
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
      const target = `/${segments.join('/')}`;
      let asked: ReturnType<typeof askedPath>;
      try {
        asked = askedPath(target);
      } catch {
        return;
      }
      let found: ReturnType<typeof rewritten>;
      try {
        found = rewritten(rewrites, asked, target);
      } catch (error) {
        assert.equal((error as { reason?: string }).reason, 'bad-path');
        assert.ok(asked.opaque);
        return;
      }
      assert.ok(found.verdict === 'asked');
      const behind = /^\/[ab](\/.*)$/s.exec(asked.path)?.[1];
      assert.equal(found.asked.path, behind === undefined ? asked.path : `/n${behind}`);
      assert.equal(found.asked.opaque, asked.opaque);
    }),
  );
});
