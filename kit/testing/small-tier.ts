// The smallest tier there can be, as a process: what the tests of `runTier` start. It answers when it has read a request.
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../http1/listener.ts';
import { StartProblem } from '../process/load-file.ts';
import { table } from '../process/settings.ts';
import { clientSettings, row, sharedSettings, workersSettings } from '../process/shared-settings.ts';
import { runTier } from '../process/tier.ts';
import { choice, count } from '../process/units.ts';
import { eventually } from './eventually.ts';

/** A tier that is held starts when there is a file `go` among the temporary ones; without it, it fails. */
const HELD_MS = 20_000;

const settings = table({
  ...sharedSettings('FRONT', {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    trustedProxies: '',
    maxHead: '32KB',
    idleTimeout: '75s',
    gracefulTimeout: '25s',
  }),
  ...clientSettings('FRONT'),
  ...workersSettings('FRONT', 'has its share of connections'),
  start: row(
    'FRONT',
    ['START', 'well'],
    choice('well', 'problem', 'throws', 'never', 'held', 'clings'),
    'How it starts.',
  ),
  answers: row('FRONT', ['ANSWERS', '1'], count(0, 1), 'Does it answer?'),
});

// At once, in whatever order the log is written: the test reads who was closed before whom. And without waiting for it.
const say = (line: string) => void process.stdout.write(`${line}\n`);

await runTier({
  name: 'static-frontend',
  prefix: 'FRONT',
  table: settings,
  rules: [({ start, answers }) => (start === 'never' && answers === 0 ? 'FRONT_START: never and mute?' : undefined)],
  check: async ({ start }) => {
    // What a file of the user may do when it is loaded.
    setInterval(() => undefined, 1_000);
    if (start === 'problem') throw new StartProblem('FRONT_START: there is a problem');
  },
  start: async ({ config, log, accessLog, metrics, own }) => {
    own.defer(() => say('closed the first'));
    own.defer(() => say('closed the second'));
    if (config.start === 'problem') throw new StartProblem('FRONT_START: there is a problem');
    if (config.start === 'throws') throw new Error('unforeseen');
    if (config.start === 'never') {
      setInterval(() => undefined, 1_000);
      await new Promise(() => say('starting for ever'));
    }
    if (config.start === 'clings') own.defer(() => new Promise(() => undefined));
    if (config.start === 'held') {
      say('starting, held');
      await eventually(() => access(join(tmpdir(), 'go')), HELD_MS);
    }
    const listening = await listen({
      tier: 'static-frontend',
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      proxyProtocol: config.proxyProtocol,
      onRequest: async (inbound, response) => {
        say('asked');
        await inbound.body?.resume().toArray();
        response.setHeader('X-Pid', process.pid);
        if (config.answers === 1) response.end('ok');
      },
      needsHeads: accessLog.needsHeads,
      onExchange: (record) => {
        metrics.exchange(record);
        accessLog.exchange(record);
      },
      log,
    });
    own.use(listening);
    return { listening, stats: () => ({ small: true }), reload: () => say('reloads') };
  },
});
