import { liveFileRoutes } from '@trivet/kit/process/live-file-routes.ts';
import type { Express } from 'express';
import type { LivePolicy } from './live-policy.ts';

/** Mounts `GET /policy` and `POST /policy/reload`. */
export function policyRoutes(app: Express, policy: LivePolicy): void {
  liveFileRoutes(app, 'policy', policy);
}
