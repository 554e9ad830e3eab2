/** How those who run a server have its workers replaced, or more or fewer of them: by signals, by a file, by its admin API. */
import { resolve } from 'node:path';
import type { Express } from 'express';
import type { Reloaded } from '../arbiter/reloaded.ts';
import type { Log } from '../log.ts';
import { reloadAtHangUp, resizeAtSignals } from '../signals.ts';
import { touchFile } from '../touch-file.ts';
import { watchFile } from '../watch-file.ts';

/** What of an arbiter is used. */
export type Conducted = {
  /** Replaces the workers, each once another with the code as it is now is ready. */
  reload(why: string): Promise<Reloaded>;
  /** So many more, or fewer. */
  resize(by: number): unknown;
};

/** Hears what workers are to be told; what comes before there are any is noted, and told to them then. */
export type Conductor = AsyncDisposable & {
  /** From now on it is told to these; no others come. */
  conduct(workers: Conducted): void;
};

/** Nobody sends more before workers are there, but one that is broken. */
const mostNoted = 1024;

/** Minds SIGHUP, SIGTTIN and SIGTTOU from now on, which else would end or halt this process; `touch`: and this file, if any. */
export function openConductor(touch: string, log: Log): Conductor {
  const own = new AsyncDisposableStack();
  const noted: ((workers: Conducted) => unknown)[] = [];
  let told: Conducted | undefined;
  const tell = (what: (workers: Conducted) => unknown) => {
    if (told !== undefined) what(told);
    else if (noted.length < mostNoted) noted.push(what);
  };
  own.use(reloadAtHangUp(() => tell((workers) => workers.reload('SIGHUP'))));
  own.use(resizeAtSignals((by) => tell((workers) => workers.resize(by))));
  if (touch !== '') {
    const path = resolve(touch);
    const touched = () => tell((workers) => workers.reload(`${path} was touched`));
    own.use(watchFile(touchFile(path, touched), { log }));
  }
  return {
    conduct(workers) {
      told = workers;
      for (const what of noted.splice(0)) what(workers);
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  };
}

/** As above, for workers that there are already. */
export function conduct(workers: Conducted, touch: string, log: Log): AsyncDisposable {
  const conductor = openConductor(touch, log);
  conductor.conduct(workers);
  return conductor;
}

/** Mounts `POST /reload`: 200 once the new workers serve, 500 with the reason when they do not come to; the old ones do. */
export function reloadRoute(app: Express, workers: Conducted): void {
  app.post('/reload', async (_request, response) => {
    const outcome = await workers.reload('POST /reload');
    if (outcome.verdict === 'reloaded') response.json({ reloaded: true, generation: outcome.generation });
    else response.status(500).json({ reloaded: false, error: outcome.why });
  });
}
