/**
 * The application that this server runs: the one file to edit, or to replace by your own (`APP_APPLICATION=FILE:NAME`).
 * Try one with `curl -i http://127.0.0.1:8000/env`.
 */
import { type Application, dispatch, type NodeHandler, type UpgradeHandler } from '@trivet/app-backend';
import { echo } from './src/sample/echo.ts';
import { environPage } from './src/sample/environ-page.ts';
import { events } from './src/sample/events.ts';
import { expressSite } from './src/sample/express-site.ts';
import { notFound } from './src/sample/not-found.ts';
import { script } from './src/sample/script.ts';
import { timeRaw } from './src/sample/time-raw.ts';
import { timeWebob } from './src/sample/time-webob.ts';
import { timeWerkzeug } from './src/sample/time-werkzeug.ts';
import { webSocketEcho } from './src/sample/web-socket-echo.ts';

/** WSGI applications by path. One behind a slash is mounted there: it sees `/`, and the mount in SCRIPT_NAME. */
export const application: Application = dispatch(
  {
    '/env': environPage,
    '/time/raw/': timeRaw,
    '/time/webob/': timeWebob,
    '/time/werkzeug/': timeWerkzeug,
    '/script': script,
    '/echo': echo,
    '/events': events,
  },
  notFound,
);

/** Handlers of the kind `(request, response)`, by prefix: Express applications and alike. */
export const mounts: Record<string, NodeHandler> = { '/express': expressSite() };

/** Who takes the WebSockets of a path. */
export const upgrades: Record<string, UpgradeHandler> = { '/ws': webSocketEcho };
