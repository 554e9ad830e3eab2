import type { LoadGenerator } from './load/load-generator.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal stops the load; what waits for the load then fails, and on the way out ends every server it started. */
export function stopOnSignal(generator: LoadGenerator): Disposable {
  const stop = () => generator.stop();
  for (const signal of signals) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
