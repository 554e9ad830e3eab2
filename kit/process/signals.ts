/** What a process is told from outside: to stop, to take its files anew. */
import { isatty } from 'node:tty';

/** So long clients may still ask on connections that they have when a server ends, milliseconds: a request may be on its way. */
export const lastAskMs = 500;

export type Told = {
  readonly signal: string;
  /** Others have the listening socket: for so long clients may still ask on connections that they have; milliseconds. */
  readonly idleMs?: number;
  /** What is in flight is not waited for, and that is well. */
  readonly isQuick?: boolean;
};

/** How a process is told to stop, the second time too. */
export type Stop = { readonly told: Promise<Told>; readonly quick: Promise<Told> };

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

/**
 * As Gunicorn's arbiter is told: SIGTERM, or the end of whoever started it, lets requests finish; SIGINT and SIGQUIT do not, nor
 * do they behind a SIGTERM. A second SIGTERM says nothing new.
 */
export function toldByLetters(): Stop {
  const { promise, resolve } = Promise.withResolvers<Told>();
  const quick = Promise.withResolvers<Told>();
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => quick.resolve({ signal, isQuick: true }));
  process.on('SIGTERM', () => resolve({ signal: 'SIGTERM' }));
  process.once('disconnect', () => resolve({ signal: 'disconnect' }));
  process.channel?.unref();
  return { told: Promise.race([promise, quick.promise]), quick: quick.promise };
}

/** SIGTTIN wants one more, SIGTTOU one fewer. */
export function resizeAtSignals(resize: (by: number) => void): Disposable {
  const [more, fewer] = [() => resize(1), () => resize(-1)];
  process.on('SIGTTIN', more).on('SIGTTOU', fewer);
  return { [Symbol.dispose]: () => void process.off('SIGTTIN', more).off('SIGTTOU', fewer) };
}

/** SIGHUP reloads, but when it comes because the terminal was closed: then nobody is left who wants this process. */
export function reloadAtHangUp(reload: () => void): Disposable {
  const hadTerminal = isatty(1);
  const hangUp = () => (hadTerminal && !isatty(1) ? process.kill(process.pid, 'SIGTERM') : reload());
  process.on('SIGHUP', hangUp);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', hangUp) };
}
