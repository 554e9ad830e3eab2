/** What the primary process of a tier and its workers say to each other over their channel; JSON. */

/** What became of something that every worker was to carry out. */
export type Told = {
  /** Of those that have carried it out, the one that told of it aside. */
  readonly answers: readonly unknown[];
  /** Numbers of workers that live and have not confirmed it; they still will, or they failed and have logged why. */
  readonly missing: readonly number[];
};

/** A request that has been on its way for a while. */
export type Underway = { readonly method: string; readonly target: string; readonly id: string; readonly ms: number };

export type ToWorker =
  /** Is its event loop turning? */
  | { readonly trivet: 'ping' }
  /** `idleMs`: others have the listening socket, and for so long clients may still ask on connections that they have. */
  | { readonly trivet: 'drain'; readonly idleMs?: number | undefined }
  /** At once, whatever is in flight. */
  | { readonly trivet: 'quit' }
  | { readonly trivet: 'reload' }
  /** Its log file was moved away. */
  | { readonly trivet: 'reopen' }
  | { readonly trivet: 'do'; readonly id: number; readonly what: unknown }
  | ({ readonly trivet: 'told'; readonly id: number } & Told);

/** Where a worker listens, as in the line `listening`; the first one first. */
export type Addresses = readonly [string, ...string[]];

export type FromWorker =
  | { readonly trivet: 'pong' }
  /** From now on it may hold what an invalidation is about. Comes before it listens. */
  | { readonly trivet: 'joins' }
  | { readonly trivet: 'ready'; readonly addresses: Addresses; readonly reloads: boolean }
  | { readonly trivet: 'failed'; readonly problems: readonly string[]; readonly code: number }
  /** It serves, and had better be replaced. */
  | { readonly trivet: 'tired'; readonly why: 'max-requests' | 'max-age' | 'max-rss' }
  /** What takes it long now, or takes it at all when it crashes. */
  | { readonly trivet: 'underway'; readonly requests: readonly Underway[] }
  | { readonly trivet: 'tell'; readonly id: number; readonly what: unknown }
  | { readonly trivet: 'done'; readonly id: number; readonly answer: unknown }
  | { readonly trivet: 'undone'; readonly id: number };

/** Is this one of ours? Node.js itself, and libraries, use the same channel. */
export function isOurs(message: unknown): message is { readonly trivet: string } {
  return typeof message === 'object' && message !== null && 'trivet' in message && typeof message.trivet === 'string';
}
