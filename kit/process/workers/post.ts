/** What a process is told by the one that forked it: that it is a worker, and which. */
export type Post = {
  /** From 1 on; who replaces a worker gets its number. */
  readonly number: number;
  readonly of: number;
  /** Path of the Unix socket of its admin API, in a folder that is private to the tier. */
  readonly admin: string;
  /** The number of the listening socket: in the primary process, where that was given one; in this one, if it is supervised (the first of several). */
  readonly fd?: number | undefined;
  /** Of the tier of which it is a worker: does an arbiter look after it, which lets it listen on `fd` itself? */
  readonly isSupervised?: boolean;
};

export const postVariable = 'TRIVET_WORKER';

/** The text for `TRIVET_WORKER`. */
export function writePost(post: Post): string {
  return JSON.stringify(post);
}

/** Reads `TRIVET_WORKER`; undefined in a process that is no worker. @throws SyntaxError, TypeError when it is garbage */
export function readPost(text: string | undefined): Post | undefined {
  if (text === undefined) return undefined;
  const post: unknown = JSON.parse(text);
  if (!isPost(post)) throw new TypeError(`${postVariable} is no worker's post: ${text}`);
  return post;
}

function isPost(value: unknown): value is Post {
  if (typeof value !== 'object' || value === null) return false;
  const { number, of, admin }: { number?: unknown; of?: unknown; admin?: unknown } = value;
  return typeof number === 'number' && typeof of === 'number' && typeof admin === 'string';
}
