import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { twoLanes } from '../testing/two-lanes.ts';

const site = { routes: [{ path: '/', files: '.' }] };

test('hot files that are closed answer no more and learn nothing more, not even what was being read', async () => {
  await using tree = await fileTree({ 'f.txt': 'f', 'g.txt': 'g' });
  const lanes = await twoLanes({ root: tree.path, site });
  await lanes.warm({ target: '/f.txt' });
  assert.ok(lanes.fast({ target: '/f.txt' }));
  await lanes.slow({ target: '/g.txt' });
  await lanes.slow({ target: '/g.txt' });
  lanes.hotFiles.close();
  await lanes.hotFiles.idle();
  for (const target of ['/f.txt', '/g.txt']) {
    assert.equal(lanes.fast({ target }), undefined);
    await lanes.warm({ target });
    assert.equal(lanes.fast({ target }), undefined);
  }
  assert.equal(lanes.hotFiles.stats().paths, 0);
  assert.equal(lanes.hotFiles.stats().bytes, 0);
});
