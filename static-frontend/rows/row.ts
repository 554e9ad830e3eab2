/** A row of what the front is trusted with. */
export type FrontRow = {
  /** What the front does. */
  readonly does: string;
  /** Tests that show it without naming it. */
  readonly tests?: readonly string[];
  /** Why there is nothing to show. */
  readonly none?: string;
};

/** Shown by these tests, beside those that name the row. */
export const does = (what: string, ...tests: readonly string[]): FrontRow => ({ does: what, tests });
/** Not shown, since there is nothing to show. */
export const none = (what: string, why: string): FrontRow => ({ does: what, none: why });
