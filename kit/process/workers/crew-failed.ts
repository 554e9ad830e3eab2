import { howOf, type WorkerEnd, type WorkerProcess } from './worker-process.ts';

/** A worker did not come to serve when the tier was started; `code` is the exit code that this calls for. */
export class CrewFailed extends Error {
  readonly problems: readonly string[];
  readonly code: number;

  constructor(problems: readonly string[], code: number) {
    super(problems.join('\n'));
    this.name = 'CrewFailed';
    this.problems = problems;
    this.code = code;
  }
}

/** Why it did not: in its own words, or by how it ended. */
export function crewFailed({ post, failure }: Pick<WorkerProcess, 'post' | 'failure'>, end: WorkerEnd): CrewFailed {
  if (failure !== undefined) return new CrewFailed(failure.problems, failure.code);
  return new CrewFailed([`worker ${post.number} ended by ${howOf(end)} before it listened`], 1);
}
