import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { Site } from '../define-site.ts';
import type { GuardOptions } from '../site/guard-options.ts';
import { twoLanes } from '../testing/two-lanes.ts';

const password = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const asAda = ['Authorization', `Basic ${Buffer.from('ada:password').toString('base64')}`];

for (const [what, guard] of [
  ['a list of addresses', { access: { allow: ['127.0.0.1'] } }],
  ['a password', { basicAuth: { realm: 'r', users: { ada: password } } }],
  ['a limit', { limits: ['many'] }],
] as const satisfies [string, GuardOptions][]) {
  test(`a file behind ${what} is never hot, by whatever spelling of its path`, async () => {
    const site: Site = {
      limits: { many: { rate: '1000/s', burst: 1000 } },
      routes: [
        { path: '/in/', files: '.', ...guard },
        { path: '/', files: '.' },
      ],
    };
    await using tree = await fileTree({ 'in/f.txt': 'secret', 'f.txt': 'open' });
    const lanes = await twoLanes({ root: tree.path, site });
    const spellings = ['/in/f.txt', '/%69n/f.txt', '//in//f.txt', '/x/../in/f.txt', '/in/f.txt?a'];
    for (const target of spellings) {
      await lanes.warm({ target, fields: asAda });
      assert.match((await lanes.slow({ target, fields: asAda })).text, /secret$/);
    }
    for (const target of spellings) assert.equal(lanes.fast({ target, fields: asAda }), undefined, target);
    await lanes.warm({ target: '/f.txt' });
    assert.match(lanes.fast({ target: '/f.txt' })?.text ?? '', /open$/);
  });
}
