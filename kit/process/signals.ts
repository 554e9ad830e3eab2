/** What a process is told from outside: to stop, to take its files anew. */
import { isatty } from 'node:tty';

export type Told = {
  readonly signal: string;
  /** Others listen: for so long clients may still ask on connections that they have; milliseconds. */
  readonly idleMs?: number;
};

/** Resolves at the first signal, or when whoever started this process is gone; a second signal ends it `atOnce`. */
export function toldToStop(atOnce: () => void = () => process.exit(1)): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>();
  let isTold = false;
  const tell = (signal: string) => {
    isTold = true;
    resolve({ signal });
  };
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => (isTold ? atOnce() : tell(name)));
  // Started by the launcher: when that is gone, nobody is left to stop us.
  process.once('disconnect', () => tell('disconnect'));
  process.channel?.unref();
  return promise;
}

/** SIGHUP reloads, but when it comes because the terminal was closed: then nobody is left who wants this process. */
export function reloadAtHangUp(reload: () => void): Disposable {
  const hadTerminal = isatty(1);
  const hangUp = () => (hadTerminal && !isatty(1) ? process.kill(process.pid, 'SIGTERM') : reload());
  process.on('SIGHUP', hangUp);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', hangUp) };
}
