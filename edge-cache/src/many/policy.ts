import type { Crew } from '@trivet/kit/process/workers/crew.ts';
import { liveFileRoutes } from '@trivet/kit/process/workers/live-file-routes.ts';
import type { Express } from 'express';
import { policyRules } from './rules.ts';

/** Mounts `GET /policy` and `POST /policy/reload`: each worker loads the file for itself. */
export function policyRoutes(app: Express, crew: Pick<Crew, 'hands' | 'reloadStarting'>): void {
  liveFileRoutes(app, 'policy', crew, policyRules);
}
