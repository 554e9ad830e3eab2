import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree, writeAt } from '@trivet/kit/testing/file-tree.ts';
import { agree, twoLanes } from '../testing/two-lanes.ts';

const late = new Date('2026-01-02T03:04:06Z');

test('names to try are looked for in memory as on the disk, and one that appears before the others takes their place', async () => {
  await using tree = await fileTree({ 'about/index.html': 'third' });
  const tries = ['{path}', '{path}.html', '{path}/index.html'];
  const lanes = await twoLanes({
    root: tree.path,
    site: { routes: [{ path: '/', files: '.', try: tries, otherwise: { file: 'shell.html' } }] },
  });
  const asked = { target: '/about' };
  await lanes.warm(asked);
  await agree(lanes, asked);
  assert.match(lanes.fast(asked)?.text ?? '', /third$/);
  await writeAt(join(tree.path, 'about.html'), 'second', late);
  lanes.clock.advance(500);
  lanes.fast(asked);
  await lanes.hotFiles.idle();
  assert.equal(lanes.fast(asked), undefined);
  lanes.clock.advance(500);
  await lanes.warm(asked);
  await agree(lanes, asked);
  assert.match(lanes.fast(asked)?.text ?? '', /second$/);
});
