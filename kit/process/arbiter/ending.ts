/** What the end of a process means. Pure. */

/** Another one had its place, or was to have it, or nobody was to. */
const replaced: ReadonlySet<string> = new Set([
  ...['reload', 'resize', 'outdated'],
  ...['max-requests', 'max-age', 'max-rss', 'timeout', 'asked'],
]);

/** Has it left a place empty that nobody had told it to leave? `doom` is why we ended it, if we did. */
export function isFall(doom: string | undefined): boolean {
  return doom === undefined || !replaced.has(doom);
}

/** For the counter. `exited`: it ended by itself, and well. */
export function reasonOf(doom: string | undefined, code: number | null): string {
  if (doom === 'outdated') return 'reload';
  return doom ?? (code === 0 ? 'exited' : 'crashed');
}

/** What the user must mend before it can start, as it said itself. */
export function problemsOf(
  ended: {
    readonly failure?: { readonly problems: readonly string[] } | undefined;
    readonly lastErrors: readonly string[];
  },
  why: string,
): readonly string[] {
  if (ended.failure !== undefined) return ended.failure.problems;
  const said = ended.lastErrors.map((line) => line.replace(/^app-backend: /, ''));
  return said.length > 0 ? said : [`the app does not start: ${why}`];
}
