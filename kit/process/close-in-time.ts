import type { Log } from './log.ts';

const CLOSE_MS = 5_000;

/** Closes what was opened, last one first, and gives up on what does not close: it ends with the process. */
export async function closeInTime(own: AsyncDisposableStack, log: Log, deadlineMs = CLOSE_MS): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), deadlineMs);
  try {
    const outcome = await Promise.race([own.disposeAsync(), late]);
    if (outcome === 'late') log.error(`not everything was closed after ${deadlineMs}ms; the process ends without`);
  } finally {
    clearTimeout(timer);
  }
}
