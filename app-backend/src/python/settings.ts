/** What can be set of how requests get to Python workers. */
import { row } from '@trivet/kit/process/shared-settings.ts';
import { count, flag, size, sizeOrNone, text, wait } from '@trivet/kit/process/units.ts';

export const dispatchSettings = {
  queue: row('APP', ['QUEUE', '1024'], count(0, 1_000_000), 'Most requests that wait for a free Python worker (503).'),
  queueTimeout: row('APP', ['QUEUE_TIMEOUT', '30s'], wait, 'How long a request may wait for one (504).'),
  requestBuffering: row(
    'APP',
    ['REQUEST_BUFFERING', 'on'],
    flag,
    'Is a Python worker asked once the body of a request is here to its end (`on`), or at its head?',
  ),
  bodyLimit: row(
    'APP',
    ['BODY_LIMIT', '0'],
    sizeOrNone,
    'Longest request body for Python (413); `0` is without a limit.',
  ),
  bodyMemory: row(
    'APP',
    ['BODY_MEMORY', '64KB'],
    size,
    'Largest request body for Python that waits in memory for its last byte; larger ones are on the disk.',
  ),
  tempDir: row(
    'APP',
    ['TEMP_DIR', ''],
    text,
    'Where there is disk for request bodies; empty: the folder of the system for such files.',
  ),
  bodiesDisk: row(
    'APP',
    ['BODIES_DISK', '1GB'],
    size,
    'Most disk for all of them; beyond it a request is refused (507).',
  ),
};
