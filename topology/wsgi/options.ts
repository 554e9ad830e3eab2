/** The options of `trivet wsgi`, as a table: Gunicorn's where they mean the same here, and a few of our own. */
import { ofApplication, ours } from './application-options.ts';
import type { Option } from './option.ts';
import { ofLog, ofProcess } from './process-options.ts';
import { ofRequests, ofServer } from './server-options.ts';

/** Every option that becomes a setting. */
export const options: readonly Option[] = [
  ...ofServer,
  ...ofRequests,
  ...ofApplication,
  ...ofLog,
  ...ofProcess,
  ...ours,
];
