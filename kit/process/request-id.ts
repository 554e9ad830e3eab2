import { randomBytes } from 'node:crypto';

const ID_BYTES = 16;
// An id may keep the text alive that it was cut from: 2 KB.
const IDS = 64;
const ID_DIGITS = ID_BYTES * 2;

let pool = '';
let used = 0;

/** 128 random bits in hex. They are drawn many at a time: the system call, and a hex text made alone, cost more than the id. */
export function newRequestId(): string {
  if (used === pool.length) {
    pool = randomBytes(ID_BYTES * IDS).toString('hex');
    used = 0;
  }
  const id = pool.slice(used, used + ID_DIGITS);
  used += ID_DIGITS;
  return id;
}

/** Ids that a trusted peer may hand on: short, and unable to break a log line or a field. */
export function isRequestId(text: string): boolean {
  return /^[A-Za-z0-9._:@/+=-]{1,128}$/.test(text);
}
