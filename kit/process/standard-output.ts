/** Standard output as an outlet for lines that never waits for its reader: neither this process nor a thread of it does. */
import { fstatSync, write, writeSync } from 'node:fs';
import type { LineOutlet, Taken } from './line-writer.ts';

const STDOUT = 1;
/** POSIX: a pipe takes this much whole or not at all, so that processes that share one do not tear each other's lines. */
const PIPE_BUF = 4_096;
const BATCH = 16_384;
const RETRY_MS = 50;

/** The outlet that fits what standard output is. */
export function standardOutput(): LineOutlet {
  const kind = fstatSync(STDOUT);
  if (kind.isFIFO()) return pipeOutlet(PIPE_BUF);
  return kind.isSocket() ? pipeOutlet(BATCH) : fileOutlet;
}

/**
 * By the stream of the process, which is not blocking. A write of a thread would be: when nobody reads, it holds the thread
 * for good, and a process with such a thread cannot exit.
 */
function pipeOutlet(batch: number): LineOutlet {
  const { stdout } = process;
  // The callbacks of the writes are told; without a listener it would end the process.
  stdout.on('error', () => undefined);
  return {
    batch,
    write: (bytes, done) => void stdout.write(bytes, (error) => done(error ? 'over' : 'taken')),
    writeNow: (bytes) => {
      // Otherwise it is full, perhaps in the middle of a line.
      if (stdout.writableLength === 0) writeAll(bytes);
    },
  };
}

/** Files and terminals are written to by a thread: a disk may take its time. */
const fileOutlet: LineOutlet = {
  batch: BATCH,
  write: (bytes, done) => {
    write(STDOUT, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => fileOutlet.write(bytes, done), RETRY_MS);
      else if (error) done(verdictOf(error));
      else if (written < bytes.length) fileOutlet.write(bytes.subarray(written), done);
      else done('taken');
    });
  },
  writeNow: writeAll,
};

// A full disk may have room later; what was closed stays closed.
function verdictOf({ code }: NodeJS.ErrnoException): Taken {
  return code === 'EPIPE' || code === 'EBADF' ? 'over' : 'failed';
}

function writeAll(bytes: Buffer): void {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    // Nobody takes it: the process ends without.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
