import type { Crew } from '@trivet/kit/process/workers/crew.ts';
import { fanOut, nobody, tellingOf } from '@trivet/kit/process/workers/fan-out.ts';
import { isRecord, merged } from '@trivet/kit/process/workers/merge.ts';
import type { Express } from 'express';
import { policyRules } from './rules.ts';

/** Mounts `GET /policy` and `POST /policy/reload`: each worker loads the file for itself. */
export function policyRoutes(app: Express, crew: Pick<Crew, 'hands' | 'reloadStarting'>): void {
  app.get('/policy', async (_request, response) => {
    const answers = await tellingOf(crew.hands, '/policy');
    if (answers.length === 0) return nobody(response);
    const states = answers.map(({ told }) => told);
    const workers = answers.map(({ hand: { number, pid }, told }) => {
      const { version, sha256 } = isRecord(told) ? told : {};
      return { worker: number, pid, version, sha256 };
    });
    const all = merged(states, policyRules);
    response.json({ ...(isRecord(all) ? all : {}), workers });
  });
  app.post('/policy/reload', (request, response) => {
    crew.reloadStarting();
    return fanOut(crew, request, response, { merge: { version: 'max' }, isOfAll: true });
  });
}
