import type { Express } from 'express';
import type { LivePolicy } from './live-policy.ts';

/** Mounts `GET /policy` and `POST /policy/reload`. */
export function policyRoutes(app: Express, policy: LivePolicy): void {
  app.get('/policy', (_request, response) => void response.json(policy.state()));
  app.post('/policy/reload', async (_request, response) => {
    const outcome = await policy.reload();
    const { version } = outcome;
    if (outcome.verdict === 'reloaded') response.json({ reloaded: true, version });
    else response.status(422).json({ reloaded: false, version, error: outcome.why });
  });
}
