// Files in the fast lane: read by the outlet itself, block by block.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneOutletStand as stand } from '../testing/lane-outlet-stand.ts';
import { MemoryFile } from '../testing/memory-file.ts';

const ok = (fields: readonly string[] = []) => ({ status: 200, reason: 'OK', fields });

for (const [what, most, sent] of [
  ['as many bytes as are wanted', 4, 'cdef'],
  ['what there is', 100, 'cdefgh'],
] as const) {
  test(`of a file goes out ${what}`, async () => {
    const { outlet, settled } = stand();
    outlet.head(ok(['Content-Length', String(sent.length)]));
    const source = { file: new MemoryFile(Buffer.from('abcdefgh')), first: 2, length: undefined };
    assert.equal(await outlet.file(source, most), sent.length);
    if (most === 4) {
      outlet.end();
      assert.equal(Buffer.concat(settled().body).toString(), sent);
    }
  });
}

test('a file of one block goes out with its head, a larger one as it is read; a client that left ends it', async () => {
  const content = Buffer.alloc(200 * 1024, 'x');
  const small = stand();
  small.outlet.head(ok());
  await small.outlet.file({ file: new MemoryFile(content), first: 0, length: undefined }, 64 * 1024);
  assert.deepEqual(small.replies, []);
  const large = stand();
  large.outlet.head(ok());
  const file = new MemoryFile(content, (at) => {
    // By now the seat is taken: the first block is on its way.
    if (at > 0) large.replies[0]?.onOver({ status: 200, bytes: 9, ms: 1, outcome: 'client-left' });
  });
  assert.equal(await large.outlet.file({ file, first: 0, length: undefined }, content.length), 128 * 1024);
  assert.equal(large.replies[0]?.events.filter((event) => event === 'ready').length, 2);
});
