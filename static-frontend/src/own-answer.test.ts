import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site } from './define-site.ts';
import { asPrivate } from './own-answer.ts';
import type { GuardOptions } from './site/guard-options.ts';
import { runFront } from './testing/running-front.ts';

for (const [said, becomes] of [
  [undefined, 'private'],
  ['no-cache', 'private, no-cache'],
  ['public, max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
  ['no-store', 'no-store'],
] as const) {
  test(`Cache-Control: ${said} for one client alone is ${becomes}`, () => {
    const fields = asPrivate(said === undefined ? [] : ['cache-control', said]);
    assert.equal(fields.at(-1), becomes);
  });
}

describe('an answer of a route', () => {
  const asAda = ['Authorization', `Basic ${Buffer.from('ada:password').toString('base64')}`];
  const users = { ada: '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' };

  const guards = {
    'that nothing guards': {},
    'that is limited': { limits: ['many'] },
    'behind addresses': { access: { allow: ['127.0.0.1'] } },
    'behind a password': { basicAuth: { realm: 'r', users } },
    'behind an upstream’s leave': { authRequest: { proxy: 'app', path: '/auth' } },
  } satisfies Record<string, GuardOptions>;

  async function answers(guard: GuardOptions, headers = {}) {
    await using app = await scriptedOrigin(({ target }, reply) =>
      reply.send(200, target === '/app?says' ? ['Cache-Control', 'max-age=5'] : [], 'app'),
    );
    await using tree = await fileTree({ 'f.txt': 'f', 'i.html': '<p>', 'a.3f9a2b1c.js': '1', 'list/x': 'x' });
    const with_ = { ...guard, headers };
    const site: Site = {
      limits: { many: { rate: '1000/s', burst: 1000 } },
      routes: [
        { path: '/app', proxy: 'app', ...with_ },
        { path: '/redirect', redirect: '/x', ...with_ },
        { path: '/list/', files: '.', listing: true, ...with_ },
        { path: '/', files: '.', ...with_ },
      ],
    };
    await using front = await runFront({ root: tree.path, site, app: [app.address] });
    const said: (string | undefined)[] = [];
    for (const target of ['/f.txt', '/i.html', '/a.3f9a2b1c.js', '/list/', '/redirect', '/app', '/app?says']) {
      const reply = await front.ask(target, asAda);
      assert.ok(reply.status < 400, `${target} ${reply.status}`);
      const unchanged = await front.ask(target, [...asAda, 'If-None-Match', '*']);
      if (unchanged.status === 304) assert.equal(unchanged.get('cache-control'), reply.get('cache-control'));
      said.push(reply.get('cache-control'));
    }
    return said;
  }

  const open = [undefined, 'no-cache', 'public, max-age=31536000, immutable', 'no-cache', undefined, undefined];
  const closed = ['private', 'private, no-cache', 'private, max-age=31536000, immutable', 'private, no-cache'];

  for (const [what, guard] of Object.entries(guards)) {
    const isOpen = Object.keys(guard).every((name) => name === 'limits');
    test(`${what} is ${isOpen ? 'for all' : 'for this client alone, unless the app says otherwise'}`, async () => {
      const expected = isOpen ? open : [...closed, 'private', 'private'];
      assert.deepEqual(await answers(guard), [...expected, 'max-age=5']);
    });
  }

  test('is what the route says, behind a guard too', async () => {
    const said = await answers(guards['behind a password'], { 'cache-control': 'max-age=9' });
    assert.deepEqual(said, [...Array.from({ length: 6 }, () => 'max-age=9'), 'max-age=5']);
  });
});
