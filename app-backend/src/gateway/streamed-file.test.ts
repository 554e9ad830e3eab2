import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { StreamedFile } from './streamed-file.ts';

type Part = { readonly start?: number; readonly end?: number };

/** All that the source of such a stream gives, three bytes at a time. */
async function readAll(path: string, part: Part): Promise<string> {
  const streamed = new StreamedFile(createReadStream(path, part));
  const { file, first, length } = await streamed.source();
  assert.deepEqual([first, length], [0, undefined]);
  let text = '';
  for (let at = 0; ; ) {
    const buffer = Buffer.alloc(3);
    const { bytesRead } = await file.read(buffer, 0, 3, at);
    if (bytesRead === 0) break;
    text += buffer.toString('latin1', 0, bytesRead);
    at += bytesRead;
  }
  await streamed.close();
  return text;
}

const parts: readonly [part: Part, text: string][] = [
  [{}, 'abcdefghij'],
  [{ start: 4 }, 'efghij'],
  [{ end: 3 }, 'abcd'],
  [{ start: 4, end: 4 }, 'e'],
  [{ start: 2, end: 7 }, 'cdefgh'],
  [{ start: 8, end: 900 }, 'ij'],
  [{ start: 10 }, ''],
];

for (const [part, text] of parts) {
  test(`a stream of ${JSON.stringify(part)} is read as the stream would: ${JSON.stringify(text)}`, async () => {
    await using tree = await fileTree({ f: 'abcdefghij' });
    assert.equal(await readAll(join(tree.path, 'f'), part), text);
  });
}

test('a stream is untouched until somebody reads from it, listens to it, or ends it', async () => {
  await using tree = await fileTree({ f: 'abcdefghij' });
  const opened = () => createReadStream(join(tree.path, 'f'));
  const fresh = opened();
  assert.equal(new StreamedFile(fresh).isUntouched, true);
  fresh.destroy();
  assert.equal(new StreamedFile(fresh).isUntouched, false);
  const paused = opened().pause();
  assert.equal(new StreamedFile(paused).isUntouched, false);
  paused.destroy();
  const refilled = opened();
  refilled.unshift(Buffer.from('x'));
  assert.equal(new StreamedFile(refilled).isUntouched, false);
  refilled.destroy();
  const peeked = opened();
  peeked.read(0);
  await once(peeked, 'readable');
  assert.equal(new StreamedFile(peeked).isUntouched, false);
  peeked.destroy();
});

test('a file that cannot be opened is told of as the stream does', async () => {
  const streamed = new StreamedFile(createReadStream('/nowhere/f'));
  await assert.rejects(streamed.source(), { code: 'ENOENT' });
});

test('the file is not closed under a read that is on its way', async () => {
  await using tree = await fileTree({ f: 'abcdefghij' });
  const stream = createReadStream(join(tree.path, 'f'));
  const streamed = new StreamedFile(stream);
  const { file } = await streamed.source();
  let isRead = false;
  const reading = file.read(Buffer.alloc(10), 0, 10, 0).then((read) => {
    isRead = true;
    return read;
  });
  stream.once('close', () => assert.ok(isRead));
  const closing = streamed.close();
  assert.equal(stream.destroyed, false);
  assert.equal((await reading).bytesRead, 10);
  await closing;
  assert.equal(stream.destroyed, true);
});
