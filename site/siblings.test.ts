import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { siblings, suffixes } from './siblings.ts';

const page = Buffer.from('<p>Trivet stands on three legs.\n'.repeat(50));
const decompress = { '.zst': zstdDecompressSync, '.br': brotliDecompressSync, '.gz': gunzipSync };
const isSibling = (name: string) => /\.(?:zst|br|gz)$/.test(name);

test('each sibling holds the same content in fewer bytes', async () => {
  const made = await siblings('a.html', page);
  assert.deepEqual([...made.keys()], [...suffixes]);
  for (const suffix of suffixes) {
    const bytes = made.get(suffix) ?? Buffer.alloc(0);
    assert.ok(bytes.length < page.length);
    assert.ok(decompress[suffix](bytes).equals(page));
  }
});

test('the same content has the same siblings', async () => {
  assert.deepEqual(await siblings('a.html', page), await siblings('a.html', Buffer.from(page)));
});

test('what is no text, small or dense has none', async () => {
  assert.equal((await siblings('a.png', page)).size, 0);
  assert.equal((await siblings('a.html', page.subarray(0, 255))).size, 0);
  assert.equal((await siblings('a.html', page.subarray(0, 256))).size, 3);
  const noise = createHash('shake256', { outputLength: 4096 }).update('seed').digest();
  assert.equal((await siblings('a.txt', noise)).size, 0);
});

const folder = join(import.meta.dirname, 'public');
const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

for (const name of names.filter((other) => !isSibling(other))) {
  test(`${name} has the siblings it should have, and they hold what it holds`, async () => {
    const content = await readFile(join(folder, name));
    const wanted = [...(await siblings(name, content)).keys()];
    assert.deepEqual(
      suffixes.filter((suffix) => names.includes(name + suffix)),
      wanted,
      'run `npm run site:compress`',
    );
    for (const suffix of suffixes.filter((other) => wanted.includes(other))) {
      assert.ok(decompress[suffix](await readFile(join(folder, name + suffix))).equals(content), name + suffix);
    }
  });
}

for (const name of names.filter((other) => other.startsWith('assets/') && !isSibling(other))) {
  test(`${name} is named after its content`, async () => {
    const hash = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    assert.equal(/\.([0-9a-f]{8})\.[a-z]+$/.exec(name)?.[1], hash.slice(0, 8));
  });
}
