/**
 * What a worker has in flight, told to its primary for the case that it does not end well. What takes longer than a second
 * is told as it comes and goes; everything when an exception ends the process. What kill -9, or a loop that never
 * ends, took from younger requests nobody can tell: to tell of each would cost each a message.
 */
import type { Superior } from './duty.ts';
import type { Underway } from './messages.ts';

const slowMs = 1_000;
const lookMs = 1_000;
const mostTold = 16;

/** Tells until it is disposed. */
export function tellUnderway(
  underway: (olderThanMs: number) => readonly Underway[],
  superior: Pick<Superior, 'underway'>,
): Disposable {
  let told = '';
  const look = () => {
    const slow = underway(slowMs).slice(0, mostTold);
    const ids = slow.map(({ id }) => id).join();
    if (ids === told) return;
    told = ids;
    superior.underway(slow);
  };
  const crash = () => superior.underway(underway(0).slice(0, mostTold));
  const timer = setInterval(look, lookMs).unref();
  process.on('uncaughtExceptionMonitor', crash);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      process.off('uncaughtExceptionMonitor', crash);
    },
  };
}
