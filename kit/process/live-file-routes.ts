import type { Express } from 'express';
import type { LiveFile } from './live-file.ts';

/** Mounts `GET /NAME`, which says what is in force, and `POST /NAME/reload`. */
export function liveFileRoutes(app: Express, name: string, file: Pick<LiveFile<unknown>, 'state' | 'reload'>): void {
  app.get(`/${name}`, (_request, response) => void response.json(file.state()));
  app.post(`/${name}/reload`, async (_request, response) => {
    const outcome = await file.reload();
    const { version } = outcome;
    if (outcome.verdict === 'reloaded') response.json({ reloaded: true, version });
    else response.status(422).json({ reloaded: false, version, error: outcome.why });
  });
}
