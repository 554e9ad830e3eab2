import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallTier } from '../testing/spawned-tier.ts';
import { stoppedUnderLoad } from '../testing/stopped-under-load.ts';

const times = 2;
const clients = 8;

for (const workers of ['1', '2']) {
  for (const kind of ['TCP', 'a Unix socket']) {
    test(`a tier of ${workers} on ${kind} that is stopped under load answers all that is asked`, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-stop-'));
      const listen = kind === 'TCP' ? '127.0.0.1:0' : `unix:${join(folder.path, 's')}`;
      const env = { FRONT_WORKERS: workers, FRONT_LISTEN: listen };
      // `node:cluster` hands connections on by messages, and when a Unix socket has given its last cannot be asked of it as of TCP:
      // on a busy machine those that came in the last moment are lost now and then, one of each client.
      const mostUntouched = workers === '2' && kind !== 'TCP' ? clients : 1;
      const what = { program: smallTier, env, clients, mostUntouched };
      for (let i = 0; i < times; i++) await stoppedUnderLoad(what);
    });
  }
}
