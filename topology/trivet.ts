/** The command `trivet`; `bin/trivet` starts it with the right Node.js. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Parsed, wsgiCommand } from './wsgi/command.ts';
import { translate } from './wsgi/translate.ts';

/** EX_CONFIG of sysexits.h, as the tiers have it. */
const exitConfig = 78;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** A check ends with 1, as Gunicorn's. */
function wrongCode(args: readonly string[]): number {
  return args.includes('--check-config') || args.includes('--print-config') ? 1 : exitConfig;
}

/** Becomes the app tier: the same process, so that signals and its number are those of `node app-backend/main.ts`. */
async function serve({ asked, ...line }: Parsed): Promise<void> {
  const { env, umask, problems } = translate(line, { pid: process.pid, cwd: process.cwd(), env: process.env });
  for (const problem of problems) process.stderr.write(`trivet: ${problem}\n`);
  if (problems.length > 0) {
    process.exitCode = wrongCode(process.argv);
    return;
  }
  if (umask !== undefined) process.umask(umask);
  Object.assign(process.env, env);
  const main = new URL('../app-backend/main.ts', import.meta.url);
  process.argv.splice(1, Number.POSITIVE_INFINITY, fileURLToPath(main), ...(asked === undefined ? [] : [asked]));
  await import(main.href);
}

const program = new Command('trivet')
  .description('Puts applications on line. Whole topologies: npm start -- --help')
  .version(version, '-v, --version')
  .addCommand(wsgiCommand(process.env.GUNICORN_CMD_ARGS, serve));
// Service managers are told by 78 that starting it again is of no use, whoever it was that found the mistake.
for (const command of [program, ...program.commands]) {
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : wrongCode(process.argv)));
}
await program.parseAsync();
