/** How workers ended, for people and for answers that say so. */
import type { MemberEnd } from '@trivet/kit/process/arbiter/member.ts';
import type { InFlight } from '../seam.ts';
import type { WorkerEnd } from './told.ts';

/** How the last worker that ended did. */
export type WorkerEndRecord = MemberEnd & {
  /** Its place. */
  readonly worker: number;
  readonly pid: number;
  readonly generation: number;
  readonly livedSeconds: number;
  /** The lines of its last 4 KiB. */
  readonly stderr: readonly string[];
  /** Those that it had. */
  readonly requests: readonly InFlight[];
};

/** `SIGKILL`, `exit code 1`. */
export function howOf({ code, signal }: WorkerEnd): string {
  if (signal !== null) return signal;
  return code === null ? 'an end that nobody saw' : `exit code ${code}`;
}

/** The same with what the worker said last, which is of no interest where all went well. */
export function whyOf(end: WorkerEnd, said: string): string {
  return said === '' || end.code === 0 ? howOf(end) : `${howOf(end)}: ${said}`;
}

/** Of those that have ended, the ends are still asked for. */
const mostEnds = 256;

export class Ends {
  readonly #howEnded = new Map<number, string>();
  #last: WorkerEndRecord | undefined;

  get last(): WorkerEndRecord | undefined {
    return this.#last;
  }

  /** `id`: of the worker, not its place. */
  note(id: number, end: WorkerEndRecord): void {
    this.#last = end;
    this.#howEnded.set(id, howOf(end));
    const [oldest] = this.#howEnded.keys();
    if (oldest !== undefined && this.#howEnded.size > mostEnds) this.#howEnded.delete(oldest);
  }

  /** Undefined of one that lives, or ended long ago. */
  howEnded(id: number): string | undefined {
    return this.#howEnded.get(id);
  }
}
