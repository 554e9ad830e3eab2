import type { Express } from 'express';
import type { Crew } from './crew.ts';
import { fanOut, nobody, tellingOf } from './fan-out.ts';
import { isRecord, merged, type Rules } from './merge.ts';

/** Mounts `GET /NAME` and `POST /NAME/reload`: each worker loads the file for itself. */
export function liveFileRoutes(
  app: Express,
  name: string,
  crew: Pick<Crew, 'hands' | 'reloadStarting'>,
  rules: Rules,
): void {
  app.get(`/${name}`, async (_request, response) => {
    const answers = await tellingOf(crew.hands, `/${name}`);
    if (answers.length === 0) return nobody(response);
    const states = answers.map(({ told }) => told);
    const workers = answers.map(({ hand: { number, pid }, told }) => {
      const { version, sha256 } = isRecord(told) ? told : {};
      return { worker: number, pid, version, sha256 };
    });
    const all = merged(states, rules);
    response.json({ ...(isRecord(all) ? all : {}), workers });
  });
  app.post(`/${name}/reload`, (request, response) => {
    crew.reloadStarting();
    return fanOut(crew, request, response, { merge: { version: 'max' }, isOfAll: true });
  });
}
