/** What a process of the app finds in its environment: that of the front without what is the front's own. */
import { join } from 'node:path';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { postVariable, writePost } from '@trivet/kit/process/workers/post.ts';

/** Where a process is to listen, and the number that its log lines carry. */
export type Berth = { readonly place: number; readonly socket: string; readonly admin: string };

/** In the private folder; `id` is another one for each process that is ever started. */
export function berthIn(folder: string, id: number, place: number): Berth {
  return { place, socket: join(folder, `${id}.sock`), admin: join(folder, `${id}.admin.sock`) };
}

const ownNames = /^(?:FRONT_|EDGE_|LISTEN_|NODE_CHANNEL_|NODE_UNIQUE_ID$|LOG_FILE$|TRIVET_HANDED$)/;

/** The environment of one process. Its log is JSON, which the front writes into its own; it is reached on a Unix socket alone. */
export function daemonEnvironment(
  env: Environment,
  { place, socket, admin }: Berth,
): Record<string, string | undefined> {
  const given = Object.entries(env).filter(([name]) => !ownNames.test(name));
  return {
    ...Object.fromEntries(given),
    LOG_FORMAT: 'json',
    APP_LISTEN: `unix:${socket}`,
    // Its settings are those of one process: nothing is shared out among them.
    [postVariable]: writePost({ number: place, of: 1, admin }),
  };
}
