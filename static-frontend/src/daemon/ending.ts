/** What the end of a process of the app means. Pure. */

export type Ended = {
  readonly place: number;
  /** Why we ended it, if we did. */
  readonly doom: string | undefined;
  readonly state: 'starting' | 'ready' | 'leaving' | 'ending';
  readonly failure: { readonly problems: readonly string[] } | undefined;
  readonly lastErrors: readonly string[];
};

/** Another one had its place, or was to have it. */
const wanted: ReadonlySet<string> = new Set(['idle', 'graceful-timeout', 'does-not-end', 'outdated']);

function isReplaced({ doom, state }: Pick<Ended, 'doom' | 'state'>): boolean {
  return state === 'leaving' || (doom !== undefined && wanted.has(doom));
}

/** Has it left a place empty that nobody had told it to leave? */
export function isFall(ended: Pick<Ended, 'doom' | 'state'>): boolean {
  return !isReplaced(ended);
}

/** For the counter. */
export function reasonOf(ended: Pick<Ended, 'doom' | 'state'>): string {
  return isReplaced(ended) ? 'reload' : (ended.doom ?? 'crashed');
}

/** How messages call it. */
export function nameOf({ place }: Pick<Ended, 'place'>): string {
  return `process ${place} of the app`;
}

/** What the user must mend before it can start, as it said itself. */
export function problemsOf(
  { failure, lastErrors }: Pick<Ended, 'failure' | 'lastErrors'>,
  why: string,
): readonly string[] {
  if (failure !== undefined) return failure.problems;
  const said = lastErrors.map((line) => line.replace(/^app-backend: /, ''));
  return said.length > 0 ? said : [`the app does not start: ${why}`];
}

/** What the log tells of a fall beside its sentence. */
export function recordOf(
  ended: Pick<Ended, 'place' | 'doom' | 'lastErrors'> & { readonly pid: number },
  delayMs: number,
) {
  const { place, pid, doom = 'crashed', lastErrors } = ended;
  return { worker: place, workerPid: pid, why: doom, stderr: lastErrors, delayMs };
}
