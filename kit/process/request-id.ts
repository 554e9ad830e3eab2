import { randomBytes } from 'node:crypto';

let pool = Buffer.alloc(0);

/** 128 random bits in hex. Random bytes are drawn 256 ids at a time: the system call costs more than the id. */
export function newRequestId(): string {
  if (pool.length < 16) pool = randomBytes(16 * 256);
  const id = pool.toString('hex', 0, 16);
  pool = pool.subarray(16);
  return id;
}

/** Ids that a trusted peer may hand on: short, and unable to break a log line or a field. */
export function isRequestId(text: string): boolean {
  return /^[A-Za-z0-9._:@/+=-]{1,128}$/.test(text);
}
