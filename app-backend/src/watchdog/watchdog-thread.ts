/** The thread of `watchdog.ts`. Its output goes straight to file descriptors: streams of a thread are its process's. */
import { fstatSync, writeSync } from 'node:fs';
import inspector from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { hangLine } from '@trivet/kit/process/workers/hang-note.ts';
import { Board, type Waiting } from './board.ts';
import { answerTo } from './late-answer.ts';
import { mainStack } from './main-stack.ts';
import { rounds, type Watch } from './watchdog.ts';

const { shared, timeoutMs } = workerData as Watch;
const board = new Board(shared);
let beats = board.beats;
let still = 0;

const timer = setInterval(() => {
  const now = board.beats;
  // Who looks at the process with a debugger has stopped it himself.
  still = now === beats && inspector.url() === undefined ? still + 1 : 0;
  beats = now;
  if (still < rounds) return;
  clearInterval(timer);
  void end();
}, timeoutMs / rounds);

async function end(): Promise<void> {
  // That also stops the code: nothing is answered twice.
  const stack = await mainStack();
  const waiting = board.takeAll();
  for (const one of waiting) tell(one);
  const msg = `the event loop has stood still for ${timeoutMs}ms; the process is ended`;
  const line = hangLine({ pid: process.pid, msg, requests: waiting.map(({ id }) => id), stack });
  write(2, `${line}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function tell(waiting: Waiting): void {
  if (isSocket(waiting.fd)) write(waiting.fd, answerTo(waiting, timeoutMs));
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

/** As much as is taken at once: there is nobody who could wait for the rest. */
function write(fd: number, text: string): void {
  try {
    writeSync(fd, text, undefined, fd === 2 ? 'utf8' : 'latin1');
  } catch {
    // The client is gone, or takes nothing: the connection breaks with the process.
    return;
  }
}
