import { python } from '../../app-backend/src/testing/python.ts';
import { whyNotPackages } from '../../app-backend/src/testing/python-peers.ts';
import { twinFolder } from '../../app-backend/src/testing/python-servers.ts';

/** The Python twin of the sample application, in as many places as the cases ask of at once. */
export const pythonSettings = {
  APP_RUNTIME: 'python',
  APP_PYTHON: python,
  APP_CHDIR: twinFolder,
  APP_APPLICATION: 'trivet_sample:application',
  APP_WORKERS: '2',
  APP_THREADS: '8',
} as const;

/** What the Python application cannot do, whoever runs it. */
export const pythonGaps: Readonly<Record<string, string>> = {
  'a WebSocket speaks through all tiers': 'WSGI has no way to take a connection over (PEP 3333)',
};

/** Why the twin cannot be run with all that it has, or undefined. */
export const noPython = (): string | undefined => whyNotPackages('webob', 'werkzeug') || undefined;
