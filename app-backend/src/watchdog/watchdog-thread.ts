/** The thread of `watchdog.ts`. Its output goes straight to file descriptors: streams of a thread are its process's. */
import { fstatSync, writeSync } from 'node:fs';
import inspector from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { hangLine } from '@trivet/kit/process/workers/hang-note.ts';
import { Board } from './board.ts';
import { answerTo } from './late-answer.ts';
import { mainStack } from './main-stack.ts';
import type { Watch } from './watchdog.ts';

const { shared, timeoutMs, orphanMs, roundMs, parent } = workerData as Watch;
const board = new Board(shared);
let beats = board.beats;
/** Rounds in which the event loop has not turned: once armed, and since the parent is gone. */
let still = 0;
let stillOrphaned = 0;

const timer = setInterval(() => {
  const now = board.beats;
  // Who looks at the process with a debugger has stopped it himself.
  const isStill = now === beats && inspector.url() === undefined;
  beats = now;
  still = isStill && board.isArmed ? still + 1 : 0;
  stillOrphaned = isStill && process.ppid !== parent ? stillOrphaned + 1 : 0;
  if (timeoutMs > 0 && still * roundMs >= timeoutMs) end(timeoutMs, '');
  else if (stillOrphaned * roundMs >= orphanMs) end(orphanMs, ', and its arbiter is gone');
}, roundMs);

function end(stoodMs: number, more: string): void {
  clearInterval(timer);
  void endWith(stoodMs, `the event loop has stood still for ${stoodMs}ms${more}; the process is ended`);
}

async function endWith(stoodMs: number, msg: string): Promise<void> {
  // That also stops the code: nothing is answered twice.
  const stack = await mainStack();
  const waiting = board.takeAll();
  for (const one of waiting) if (isSocket(one.fd)) write(one.fd, answerTo(one, stoodMs));
  const line = hangLine({ pid: process.pid, msg, requests: waiting.map(({ id }) => id), stack });
  // Of an arbiter that is gone nobody reads the one; where the log goes somebody may.
  if (!write(2, `${line}\n`)) write(1, `${line}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** A connection may have broken when nobody could see it, and its number be that of a file. */
function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // Nobody has it.
    return false;
  }
}

/** As much as is taken at once: there is nobody who could wait for the rest. False: nothing was. */
function write(fd: number, text: string): boolean {
  try {
    return writeSync(fd, text, undefined, fd <= 2 ? 'utf8' : 'latin1') > 0;
  } catch {
    // The client is gone, or takes nothing: the connection breaks with the process.
    return false;
  }
}
