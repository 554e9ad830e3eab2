import { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Body, FileLike } from '../wsgi.ts';
import { type FileSource, inFile } from './file-source.ts';
import { OpenedFile } from './opened-file.ts';
import { StreamedFile } from './streamed-file.ts';

const usualBlock = 64 * 1024;

/** What `wsgi.file_wrapper` takes. */
export type WrappedFile = FileLike | FileHandle | ReadStream;

/**
 * `wsgi.file_wrapper`: a file as the body of an answer, from where it stands to its end or to Content-Length. PEP 3333,
 * "Optional Platform-Specific File Handling". Takes what has `read(size)`. What `openFile` gave, a FileHandle of Node, and
 * a ReadStream from which nothing was read yet are read by the server itself when the body comes back as it is.
 */
export function fileWrapper(file: WrappedFile, blockSize = usualBlock): Body {
  if (file instanceof ReadStream) return streamBody(file);
  const body: Body = {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const block = await nextBlock(file, blockSize);
        if (block.length === 0) return;
        yield block;
      }
    },
    ...(file.close && { close: () => file.close?.() }),
  };
  const source = sourceOf(file);
  return source === undefined ? body : inFile(body, source);
}

function streamBody(stream: ReadStream): Body {
  const file = new StreamedFile(stream);
  const body = { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](), close: () => file.close() };
  return file.isUntouched ? inFile(body, () => file.source()) : body;
}

async function nextBlock(file: FileLike | FileHandle, size: number): Promise<Uint8Array> {
  if (!isHandle(file)) return await file.read(size);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, null);
  return buffer.subarray(0, bytesRead);
}

function isHandle(file: FileLike | FileHandle): file is FileHandle {
  return 'readableWebStream' in file;
}

function sourceOf(file: FileLike | FileHandle): (() => FileSource) | undefined {
  if (file instanceof OpenedFile) return () => file.source;
  return isHandle(file) ? () => ({ file: whereItStands(file), first: 0, length: undefined }) : undefined;
}

// The system knows where it stands: no position is given.
function whereItStands(handle: FileHandle): FileSource['file'] {
  return { read: (buffer, offset, length) => handle.read(buffer, offset, length, null) };
}
