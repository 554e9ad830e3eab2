/** The cases that need an address which may not purge: a topology whose clients have but one lists them as gaps. */
export const strangers = {
  doNotPurge: 'a stranger’s PURGE is refused, and takes nothing',
  areNotObeyed: 'what a stranger wants of the cache is not obeyed',
} as const;

/** Those gaps, with this reason. */
export function withoutStrangers(why: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.values(strangers).map((name) => [name, why]));
}
