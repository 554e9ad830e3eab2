import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type LaunchOptions, launch } from './launcher.ts';
import { type ShapeName, shapes } from './shapes.ts';
import { terminal } from './terminal.ts';
import { TierFailed } from './tier-process.ts';
import { type AppName, appNameOf } from './wsgi/app-name.ts';

type Flags = {
  readonly topology: ShapeName;
  readonly port?: number;
  readonly root?: string;
  readonly application?: AppName;
  readonly list?: boolean;
};

/** One Ctrl-C comes twice: from the terminal, and from npm, which passes on what it hears. */
const echoMs = 500;

/** npm runs scripts in the repository; paths are meant from where the user stands. */
const from = process.env.INIT_CWD ?? process.cwd();

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return port;
}

/** What `trivet wsgi` would run, with the path of a file made absolute. */
function applicationAt(text: string): AppName {
  try {
    const { runtime, application } = appNameOf(text, undefined);
    if (runtime === 'python') return { runtime, application };
    const colon = application.lastIndexOf(':');
    return { runtime, application: `${resolve(from, application.slice(0, colon))}${application.slice(colon)}` };
  } catch (error) {
    throw new InvalidArgumentError(`${error instanceof Error ? error.message : error}.`);
  }
}

const program = new Command('npm start --')
  .description('Runs a shape as local processes. The tiers take their settings from the environment as well.')
  .addOption(
    new Option('--topology <name>', 'the shape').choices(Object.keys(shapes)).default('edge' satisfies ShapeName),
  )
  .option('--port <number>', 'port of the outermost tier (8080)', parsePort)
  .option('--root <folder>', 'your site: the folder that static-frontend serves', (folder) => resolve(from, folder))
  .option(
    '--application <file:name>',
    'your application: what app-backend runs; a Python one is MODULE:NAME, from where you stand or APP_CHDIR',
    applicationAt,
  )
  .option('--list', 'print the shapes and exit')
  .allowExcessArguments(false)
  .parse();

const flags = program.opts<Flags>();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

if (flags.list) {
  for (const { name, drawing, likeness } of Object.values(shapes)) say(`${name.padEnd(8)} ${drawing}   (${likeness})`);
} else {
  process.exitCode = await run();
}

/** Starts the shape, waits for a signal, stops it; the exit code of the launcher. */
async function run(): Promise<number> {
  const wanted = new AbortController();
  let firstAt = 0;
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (wanted.signal.aborted) {
          // The second one: the tiers are in sessions of their own and end when this process is gone.
          if (performance.now() - firstAt > echoMs) process.exit(1);
          return;
        }
        firstAt = performance.now();
        wanted.abort(new Error(`stopped by ${signal}`));
        resolve();
      });
    }
  });
  const options: LaunchOptions = {
    wishes: { shape: flags.topology, port: flags.port, root: flags.root, application: flags.application, from },
    inherited: process.env,
    output: terminal(process.env.LOG_FORMAT, { out: say, error: complain }),
    up: (tier, { address, admin }) => say(`${tier.padEnd(16)} ${address}   (admin ${admin})`),
    signal: wanted.signal,
  };
  try {
    const shape = await launch(options);
    say(`ready ${shape.url}`);
    await told;
    return await shape.stop();
  } catch (error) {
    if (error instanceof TierFailed) return error.exitCode;
    if (wanted.signal.aborted) return 0;
    throw error;
  }
}
