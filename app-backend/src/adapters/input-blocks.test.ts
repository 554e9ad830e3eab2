import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputStream } from '../wsgi.ts';
import { inputBlocks, nextBlock } from './input-blocks.ts';

/** An input that notes how it is read. */
function inputOf(blocks: readonly string[], tells: boolean) {
  const asked: string[] = [];
  const left = [...blocks];
  const by = (how: string) => async (size?: number) => {
    asked.push(`${how} ${size}`);
    return Buffer.from(left.shift() ?? '');
  };
  const input = { read: by('read'), ...(tells && { read1: by('read1') }) } as unknown as InputStream;
  return { input, asked };
}

for (const [tells, how] of [
  [true, 'read1 65536'],
  [false, 'read 65536'],
] as const) {
  test(`blocks come by ${how}, until there is an empty one, and none is read ahead`, async () => {
    const { input, asked } = inputOf(['a', 'bc'], tells);
    const blocks = inputBlocks(input);
    assert.deepEqual(asked, []);
    assert.equal(String((await blocks.next()).value), 'a');
    assert.deepEqual(asked, [how]);
    assert.deepEqual((await Array.fromAsync(blocks)).map(String), ['bc']);
    assert.deepEqual(asked, [how, how, how]);
    assert.equal((await nextBlock(input)).length, 0);
  });
}
