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

/** Minds SIGHUP, SIGTTIN and SIGTTOU, and the file; `touch` is its path, or nothing. */
export function conduct(workers: Conducted, touch: string, log: Log): AsyncDisposable {
  const own = new AsyncDisposableStack();
  own.use(reloadAtHangUp(() => void workers.reload('SIGHUP')));
  own.use(resizeAtSignals((by) => void workers.resize(by)));
  if (touch !== '') {
    const path = resolve(touch);
    own.use(
      watchFile(
        touchFile(path, () => void workers.reload(`${path} was touched`)),
        { log },
      ),
    );
  }
  return own;
}

/** Mounts `POST /reload`: 200 once the new workers serve, 500 with the reason when they do not come to; the old ones do. */
export function reloadRoute(app: Express, workers: Conducted): void {
  app.post('/reload', async (_request, response) => {
    const outcome = await workers.reload('POST /reload');
    if (outcome.verdict === 'reloaded') response.json({ reloaded: true, generation: outcome.generation });
    else response.status(500).json({ reloaded: false, error: outcome.why });
  });
}
