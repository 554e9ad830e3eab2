import type { InputStream } from '../wsgi.ts';

const blockBytes = 64 * 1024;

/** The blocks of a request body: as they come where the server tells (`read1`), else whole ones. */
export async function nextBlock(input: InputStream): Promise<Uint8Array> {
  return input.read1 === undefined ? await input.read(blockBytes) : await input.read1(blockBytes);
}

/** All of them; nothing is read before the first is asked for. */
export async function* inputBlocks(input: InputStream): AsyncGenerator<Uint8Array> {
  for (let block = await nextBlock(input); block.length > 0; block = await nextBlock(input)) yield block;
}
