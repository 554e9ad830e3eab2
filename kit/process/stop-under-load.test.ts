import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { smallTier } from '../testing/spawned-tier.ts';
import { stoppedUnderLoad } from '../testing/stopped-under-load.ts';

for (const workers of ['1', '2']) {
  for (const kind of ['TCP', 'a Unix socket', 'an abstract socket']) {
    test(`a tier of ${workers} on ${kind} that is stopped under load answers all that is asked`, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-stop-'));
      const path = kind === 'a Unix socket' ? join(folder.path, 's') : `@${basename(folder.path)}`;
      const listen = kind === 'TCP' ? '127.0.0.1:0' : `unix:${path}`;
      const env = { FRONT_WORKERS: workers, FRONT_LISTEN: listen };
      // The shorter way to a Unix socket differs: it is at `s`, or at its full path.
      for (const cwd of [folder.path, process.cwd()]) await stoppedUnderLoad({ program: smallTier, env, cwd });
    });
  }
}
