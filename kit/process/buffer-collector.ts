/**
 * Bodies lie in buffers that only the garbage collector frees. To V8 each is a handful of bytes, so it would let a
 * hundred megabytes of dead ones pile up before it looks; it is told to look each time that a certain amount has died.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' | 'major' }) => void;

let collect: Collect | undefined;

function collectNow(type: 'minor' | 'major'): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type });
}

/** Bytes of passing bodies between two collections of the young generation (each about a millisecond). */
const passingBytes = 1024 * 1024;
let passedBytes = 0;

/** Counts bytes that came in a buffer of their own and are gone as soon as they are sent on. */
export function passed(bytes: number): void {
  passedBytes += bytes;
  if (passedBytes < passingBytes) return;
  passedBytes = 0;
  collectNow('minor');
}

let droppedBytes = 0;

/** Counts bytes of long-lived bodies that were dropped; a full collection each time that `between` bytes have been. */
export function dropped(bytes: number, between: number): void {
  droppedBytes += bytes;
  if (droppedBytes < between) return;
  droppedBytes = 0;
  collectNow('major');
}
