import type { FileHandle } from 'node:fs/promises';
import type { Body, FileLike } from '../wsgi.ts';

const usualBlock = 64 * 1024;

/**
 * `wsgi.file_wrapper`: a file as the body of an answer, from where it stands to its end or to Content-Length. PEP 3333,
 * "Optional Platform-Specific File Handling". Takes what has `read(size)`, and file handles of Node. Node has no sendfile,
 * so there is no faster way for the server to recognise: the blocks are read here, one ahead of nobody.
 */
export function fileWrapper(file: FileLike | FileHandle, blockSize = usualBlock): Body {
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const block = await nextBlock(file, blockSize);
        if (block.length === 0) return;
        yield block;
      }
    },
    ...(file.close && { close: () => file.close?.() }),
  };
}

async function nextBlock(file: FileLike | FileHandle, size: number): Promise<Uint8Array> {
  if (!('fd' in file)) return await file.read(size);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, null);
  return buffer.subarray(0, bytesRead);
}
