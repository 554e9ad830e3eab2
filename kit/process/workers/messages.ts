/** What the primary process of a tier and its workers say to each other over their channel; JSON. */

/** What became of something that every worker was to carry out. */
export type Told = {
  /** Of those that have carried it out, the one that told of it aside. */
  readonly answers: readonly unknown[];
  /** Numbers of workers that live and have not confirmed it; they still will, or they failed and have logged why. */
  readonly missing: readonly number[];
};

export type ToWorker =
  /** Is its event loop turning? */
  | { readonly trivet: 'ping' }
  /** `idleMs`: for so long clients may still ask on connections that they have. */
  | { readonly trivet: 'drain'; readonly idleMs: number }
  | { readonly trivet: 'reload' }
  /** Its log file was moved away. */
  | { readonly trivet: 'reopen' }
  | { readonly trivet: 'do'; readonly id: number; readonly what: unknown }
  | ({ readonly trivet: 'told'; readonly id: number } & Told);

export type FromWorker =
  | { readonly trivet: 'pong' }
  /** From now on it may hold what an invalidation is about. Comes before it listens. */
  | { readonly trivet: 'joins' }
  | { readonly trivet: 'ready'; readonly address: string; readonly reloads: boolean }
  | { readonly trivet: 'failed'; readonly problems: readonly string[]; readonly code: number }
  | { readonly trivet: 'tell'; readonly id: number; readonly what: unknown }
  | { readonly trivet: 'done'; readonly id: number; readonly answer: unknown }
  | { readonly trivet: 'undone'; readonly id: number };

/** Is this one of ours? Node.js itself, and libraries, use the same channel. */
export function isOurs(message: unknown): message is { readonly trivet: string } {
  return typeof message === 'object' && message !== null && 'trivet' in message && typeof message.trivet === 'string';
}
