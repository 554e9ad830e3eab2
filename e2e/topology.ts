import type { Tier } from '@trivet/kit/semantics/fault.ts';
import type { Answer, Question } from './ask.ts';

/** A running three-tier stack. Cases see only this: an address, and a way to take a tier down and up again. */
export interface Stack extends AsyncDisposable {
  /** Where clients ask; may change when the tier that listens there was stopped and started. */
  readonly edge: URL;
  /** The front itself, for what is between it and its clients alone; may change when it was stopped and started. */
  readonly front: URL;
  /** The folder that the front serves files from: the sample site, and what cases put there. */
  readonly root: string;
  /** Where a server of a case listens so that the front reaches it, and the host by which the front asks for it. */
  readonly neighbourhood: { readonly listenOn: string; readonly host: string };
  /** Asks the admin port of a tier; `path` with its query. */
  admin(tier: Tier, path: string, question?: Omit<Question, 'path'>): Promise<Answer>;
  /** Asks as `ask` does, from an address that may not purge; undefined where clients have but one. */
  readonly askAsStranger?: (url: URL, question?: Question) => Promise<Answer>;
  /** Puts this text into the edge's policy file, lets the edge load it, and returns what it says; without a text, the file of the kit. */
  policy(source?: string): Promise<Answer>;
  /** The same for the front's site. */
  site(source?: string): Promise<Answer>;
  /** Runs the front with `--check`, where it runs, over the site as it was written last. */
  check(): Promise<{ readonly code: number; readonly said: string }>;
  /** Lets what is in flight finish, then ends the tier. */
  stop(tier: Tier): Promise<void>;
  /** Ends the tier as a crash does. It may come back by itself; `start` makes sure of it. */
  kill(tier: Tier): Promise<void>;
  /** Resolves once the tier answers. */
  start(tier: Tier): Promise<void>;
}

export interface Topology {
  readonly name: string;
  /** Why this topology cannot run here, or undefined when it can. */
  unavailable(): string | undefined;
  /** Cases this topology is known not to pass, each with the reason. */
  readonly gaps: Readonly<Record<string, string>>;
  up(): Promise<Stack>;
}

/** A behaviour, written once and asked of every topology: HTTP only. */
export type Case = { readonly name: string; run(stack: Stack): Promise<void> };
