// A tier of one process that has workers of its own, as one is that runs another language: what it is told to do with them it
// says. Its reloads go as the file `verdict` among the temporary ones has it.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { listen } from '../http1/listener.ts';
import { table } from '../process/settings.ts';
import { sharedSettings } from '../process/shared-settings.ts';
import { supervisionSettings } from '../process/supervision-settings.ts';
import { runTier } from '../process/tier.ts';

const settings = table({
  ...sharedSettings('APP', {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    trustedProxies: '',
    maxHead: '32KB',
    idleTimeout: '75s',
    gracefulTimeout: '25s',
  }),
  ...supervisionSettings('APP'),
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

await runTier({
  name: 'app-backend',
  prefix: 'APP',
  table: settings,
  preFork: { isSupervised: () => false },
  start: async ({ config, log, own }) => {
    const listening = await listen({
      tier: 'app-backend',
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      onRequest: async (_, response) => {
        say('asked');
        await setTimeout(1_000);
        response.end('ok');
      },
      onExchange: () => undefined,
      log,
    });
    own.use(listening);
    own.defer(() => say('closed'));
    return {
      listening,
      arbiter: {
        reload: async (why) => {
          say(`reload: ${why}`);
          const verdict = readFileSync(join(tmpdir(), 'verdict'), 'utf8');
          return verdict === 'well' ? { verdict: 'reloaded', generation: 2 } : { verdict: 'refused', why: verdict };
        },
        resize: (by) => say(`resize ${by}`),
      },
    };
  },
});
