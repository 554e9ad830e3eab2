import type { Readable } from 'node:stream';

/** A body that is here to its end, and can be read more than once. */
export type HeldBody = {
  /** In bytes; the request's `Content-Length`. */
  readonly length: number;
  open(): Readable;
};
