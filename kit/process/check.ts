/** Says what would keep a tier from starting, as `nginx -t` and `gunicorn --check-config` do, and starts nothing. */
import { complain, complaintOf } from './complaint.ts';
import { tryLogFile } from './log-file.ts';
import type { Shared } from './place.ts';
import { printedConfig } from './print-config.ts';
import { type ConfigOf, type Environment, type Table, unknownNames } from './settings.ts';
import type { TierOptions, TierTable } from './tier.ts';

/** How it was asked for: `--check` ends with 0 or 78, `--check-config` with 0 or 1, `--print-config` as that one. */
export type Asking = 'check' | 'check-config' | 'print-config';

/** What the arguments of a tier ask to be checked; the last in this order wins. */
export function askedOf(args: readonly string[]): Asking | undefined {
  return (['print-config', 'check-config', 'check'] as const).find((word) => args.includes(`--${word}`));
}

/** What is wrong with the arguments of a tier: all that can be set are variables. */
export function strayArgument(args: readonly string[]): string | undefined {
  const known = ['--help', '--check', '--check-config', '--print-config'];
  const stray = args.find((word) => !known.includes(word));
  if (stray === undefined) return undefined;
  return `${JSON.stringify(stray)} is no argument here: there are ${known.join(', ')}; settings are variables (--help)`;
}

/** What is said before the settings are read, so that those of them that are wrong can be seen. */
export function say(rows: Table, asked: Asking | undefined, env: Environment): void {
  if (asked === 'print-config') process.stdout.write(printedConfig(rows, env));
}

/** The exit code for settings that are wrong. */
export function failWith(asked: Asking | undefined): void {
  if (asked === 'check-config' || asked === 'print-config') process.exitCode = 1;
}

/** Loads what the tier would load; ends the process. */
export async function check<S extends TierTable>(
  tier: TierOptions<S>,
  config: ConfigOf<S>,
  { asked, env }: { readonly asked: Asking; readonly env: Environment },
): Promise<void> {
  for (const { name, nearest } of unknownNames(tier.table, tier.prefix, env)) {
    process.stderr.write(`${tier.name}: ${name} is no setting; did you mean ${nearest}?\n`);
  }
  try {
    tryLogFile((config as Shared).logFile);
    await tier.check?.(config);
    const verdict = tier.check === undefined ? 'the settings are ok' : 'ok';
    if (asked !== 'print-config') process.stdout.write(`${tier.name}: ${verdict}\n`);
  } catch (error) {
    complain(tier.name, complaintOf(error));
    failWith(asked);
  }
  // A file of the user may have begun something that holds the loop.
  process.exit();
}
