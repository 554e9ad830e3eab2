import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { normalizePath } from '@trivet/kit/semantics/path.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import fc from 'fast-check';
import { matches } from '../route.ts';
import { runFront } from '../testing/running-front.ts';
import { swapped } from './target.ts';

describe('what matched the path of the route is replaced', () => {
  for (const [base, to, target, expected] of [
    ['/api/', '/', '/api/x', '/x'],
    ['/api/', '/', '/api/', '/'],
    ['/api/', '/', '/api/?q=/api/', '/?q=/api/'],
    ['/api/', '/v2/', '/api/x?', '/v2/x?'],
    ['/api', '/v2', '/api', '/v2'],
    ['/api', '/v2', '/api/x', '/v2/x'],
    // As with nginx: what stands there is replaced, and nothing is put between.
    ['/api/', '/v2', '/api/x', '/v2x'],
    ['/', '/app/', '/x/y', '/app/x/y'],
    ['/é/', '/e/', '/%c3%A9/x', '/e/x'],
    // Never `//x`, which is a host to some.
    ['/api', '/', '/api/x', '/x'],
    ['/api/', '/', '/api//x', '/x'],
    ['/api', '/', '/api//x', '/x'],
    // The rest byte for byte.
    ['/api/', '/', '/api/a%2Fb//c/%7euser;v=1', '/a%2Fb//c/%7euser;v=1'],
    ['/api/', '/', "/api/|\\^'", "/|\\^'"],
    // However the client wrote the part that matched.
    ['/api/', '/', '/%61pi/x', '/x'],
    ['/api/', '/', '/a%70%69/%78', '/%78'],
    ['/api/', '/', '//api///x', '/x'],
    ['/api/', '/', '/api%2Fx', '/x'],
    ['/api/', '/', '/api%2f%2Fx', '/x'],
    // Dot segments are resolved: here and not by the app.
    ['/api/', '/', '/api/./x', '/x'],
    ['/api/', '/', '/api/x/../../api/y', '/y'],
    ['/api/', '/', '/other/../api/y', '/y'],
    ['/api/', '/', '/api/x/%2e%2E/y?z', '/y?z'],
    ['/api/', '/', '/api/x/..%2fy', '/y'],
    ['/api/', '/', '/api/x%2f..%2fy', '/y'],
    ['/api/', '/', '/api/x/..', '/'],
    ['/api/', '/', '/api/a%20b/./%3F', '/a%20b/%3F'],
    ['/api/', '/', '/api/.x/..y/...', '/.x/..y/...'],
  ] as const) {
    test(`${base} → ${to}: ${target} becomes ${expected}`, () => assert.equal(swapped(target, { base, to }), expected));
  }
});

test('what the app sees in normal form is what the route matched, with the one in place of the other', () => {
  const piece = fc.constantFrom('/', 'a', 'api', '.', '..', '%2f', '%2e', '%61pi', 'x', '%7e', ';', '//', '\\');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = `/api/${pieces.join('')}`;
      const asked = normalizePath(target);
      fc.pre(asked.verdict === 'path' && matches({ path: '/api/' }, asked.path));
      const seen = normalizePath(swapped(target, { base: '/api/', to: '/v2/' }));
      assert.deepEqual(seen.verdict === 'path' ? seen.path : seen, asked.path.replace('/api/', '/v2/'));
    }),
    { numRuns: 2000 },
  );
});

test('a target of another route is a fault of ours, and goes nowhere', () => {
  assert.throws(() => swapped('/b', { base: '/a', to: '/' }), Fault);
});

test('routes, and what stands behind files, swap on the wire', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200));
  await using tree = await fileTree({ 'f/f.txt': 'f' });
  const site = {
    routes: [
      { path: '/api/', proxy: 'app', to: '/v1/' },
      { path: '/one', exact: true, proxy: 'app', to: '/two' },
      { path: '/f/', files: '.', otherwise: { proxy: 'app', to: '/g/' } },
      { path: '/', proxy: 'app' },
    ],
  } as const;
  await using front = await runFront({ root: tree.path, site, app: [app.address] });
  for (const target of ['/api/x%2Fy?q', '/one?q', '/f/f.txt', '/f/none', '/api', '/a/../b']) await front.ask(target);
  assert.deepEqual(
    app.requests.map(({ target }) => target),
    ['/v1/x%2Fy?q', '/two?q', '/g/none', '/api', '/a/../b'],
  );
});
