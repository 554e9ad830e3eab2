// A program that a test starts as a process and orders about, line by line: `orders` says what it can do.
import { createInterface } from 'node:readline';

/** What is not disposed by then ends by itself. */
const LONGEST_MS = 60_000;

/** Standard error: it is written at once, and standard output may be a terminal that is gone. */
export const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Carries out the orders that come on standard input; besides those given, `say` repeats, `let go` no longer holds on. */
export function obey(orders: Readonly<Record<string, () => unknown>>): void {
  const timer = setTimeout(() => process.exit(9), LONGEST_MS);
  process.stdin.on('error', (error) => say(error.message));
  // Who gives the orders is gone; where they come from a terminal, that is what is tested.
  if (!process.stdin.isTTY) process.stdin.once('end', () => process.exit(8));
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const [, said] = /^say (.*)$/.exec(line) ?? [];
    if (said !== undefined) say(said);
    if (line === 'let go') {
      clearTimeout(timer);
      process.stdin.destroy();
    }
    await orders[line]?.();
  });
  say('up');
}
