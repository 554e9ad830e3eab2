/** What processes of Python print, in the log of this one. */
import type { Socket } from 'node:net';
import { LastWords } from '@trivet/kit/process/arbiter/last-words.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { parseLine } from '@trivet/kit/process/log-lines.ts';
import { eachLine } from '@trivet/kit/process/output-lines.ts';

/** A line, and who wrote it where. */
export type Printed = {
  readonly stream: 'stdout' | 'stderr';
  readonly pid: number;
  /** Absent of the fork server. */
  readonly worker?: number;
};

/** Writes each line into the log; one that is a record of a log already stays what it is. */
export function lineLogger({ log, relay }: { readonly log: Log; relay(line: string): void }) {
  return (line: string, { stream, pid, worker }: Printed): void => {
    const record = parseLine(line);
    if (typeof record?.level === 'string' && typeof record.msg === 'string') return relay(line);
    const by = { from: stream, ...(worker !== undefined && { worker }), workerPid: pid };
    if (stream === 'stderr') log.warn(by, line);
    else log.info(by, line);
  };
}

/** What one worker prints. */
export class WorkerOutput {
  readonly #print: (line: string, by: Printed) => void;
  readonly #errors = new LastWords();

  constructor(print: (line: string, by: Printed) => void) {
    this.#print = print;
  }

  /** The lines of the last 4 KiB of its standard error. */
  get lastErrors(): readonly string[] {
    return this.#errors.lines;
  }

  /** Reads one of its streams to the end. */
  listen(socket: Socket, stream: Printed['stream'], by: { readonly pid: number; readonly place: number }): void {
    eachLine(socket, (line) => {
      if (stream === 'stderr') this.#errors.add(Buffer.from(`${line}\n`));
      this.#print(line, { stream, pid: by.pid, worker: by.place });
    });
  }
}
