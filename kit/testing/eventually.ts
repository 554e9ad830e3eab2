import { setTimeout as wait } from 'node:timers/promises';

const BETWEEN_PROBES_MS = 5;

/** The value of `probe` once it no longer throws; after `withinMs` its last complaint, as the cause. */
export async function eventually<T>(probe: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await probe();
    } catch (cause) {
      if (performance.now() >= deadline) {
        const complaint = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`still not so after ${withinMs} ms: ${complaint}`, { cause });
      }
    }
    await wait(BETWEEN_PROBES_MS);
  }
}
