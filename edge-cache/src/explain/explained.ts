import type { LastArrival, LastOutcome } from '../machine/outcome-memory.ts';
import type { Variant } from './variants.ts';

/** Why something is as it is, in a word and in a sentence. */
export type Why = { readonly why: string; readonly says: string };

/** What would become of a response that is made up. */
export type Admitted =
  | ({ readonly verdict: 'pass' } & Why)
  | ({
      readonly verdict: 'store';
      readonly instants: Variant['instants'];
      readonly tags: readonly string[];
      readonly vary: readonly string[];
      readonly sharing: string;
    } & Why);

/** What the store is good for; `selected` counts in `variants`, from 0. */
export type LookedUp = { readonly do: string; readonly fwd?: string; readonly selected: number | null } & Why;

/** The answer of `GET /explain`. */
export type Explained = {
  readonly at: string;
  readonly request: {
    readonly method: string;
    readonly scheme: string;
    readonly client: string;
    readonly host: string;
    readonly path: string;
    /** As they count here. */
    readonly fields: readonly string[];
    /** What does not count: directives that are not honoured, cookies that the policy drops. */
    readonly withheld: readonly string[];
    readonly directives: { readonly given: readonly string[]; readonly honoured: boolean; readonly why: string };
  };
  readonly reception: { readonly do: string; readonly by: 'policy' | 'built-in'; readonly status?: number } & Why;
  readonly key: string;
  /** Where the question names no host: those for which something is stored at its path. */
  readonly hosts?: readonly string[];
  readonly keyParts: {
    readonly by: 'policy' | 'built-in';
    readonly host: string;
    readonly path: string;
    readonly askedFor: string;
    /** Parameters of the query that do not count. */
    readonly removed: readonly string[];
  };
  readonly lookup?: LookedUp;
  /** Newest first. */
  readonly variants: readonly Variant[];
  readonly fetchUnderWay: boolean;
  readonly uncacheable: (Why & { readonly secondsLeft: number }) | null;
  readonly would?: Admitted;
  /** The last answer to anybody under this key. */
  readonly last: (Omit<LastOutcome, 'at'> & { readonly at: string }) | null;
  /** What was decided when the origin answered last. */
  readonly lastArrival: (Omit<LastArrival, 'at'> & { readonly at: string; readonly says: string }) | null;
};
