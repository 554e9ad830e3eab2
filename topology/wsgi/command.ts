/** The command `trivet wsgi`: what is read from the command line, and what `--help` says of it. */
import { Command, Option as Flag } from 'commander';
import type { Runtime } from './app-name.ts';
import { longName, type Option, type Refusal } from './option.ts';
import { options } from './options.ts';
import { refusals } from './refusals.ts';
import type { GivenOption, Line } from './translate.ts';
import { wordsOf } from './words.ts';

/** Asks for a check in place of a start. */
export type Asked = '--check-config' | '--print-config' | undefined;

export type Parsed = Line & { readonly asked: Asked };

/** Options that several servers are given alike, as Gunicorn reads it: the command line wins. */
export const argumentsVariable = 'GUNICORN_CMD_ARGS';

const examples = `
Examples:
  trivet wsgi app.ts:application --bind :8080 --workers 2
  trivet wsgi shop.wsgi --chdir ~/shop --workers 2 --threads 8
  trivet wsgi app.ts --preset paas
  trivet wsgi app.ts --print-config

Options are Gunicorn's where they mean the same; others of it are refused, with what to use instead. They may also stand in
${argumentsVariable}. An option wins over the variable of its setting (node app-backend/main.ts --help lists all of them), what is set
over a preset, a preset over the defaults. Exit code 78: something that was set is wrong.`;

/** The command; `run` is called with what it was given. */
export function wsgiCommand(variable: string | undefined, run: (parsed: Parsed) => Promise<void>): Command {
  const given: GivenOption[] = [];
  const command = new Command('wsgi')
    .description('Serves one application: a file of TypeScript (app.ts:NAME) or a module of Python (module:NAME).')
    .argument('[application]', 'FILE.ts:NAME or MODULE:NAME; NAME is application by default')
    .addHelpText('after', examples);
  declare(command, (name, value) => given.push({ name, value, by: name }));
  return command.action(async (application: string | undefined, flags: Flags) => {
    const shared = ofVariable(variable, command);
    await run({ application, runtime: flags.runtime, asked: askedOf(flags), given: [...shared, ...given] });
  });
}

type Flags = { readonly runtime?: Runtime; readonly checkConfig?: true; readonly printConfig?: true };

function askedOf({ printConfig, checkConfig }: Flags): Asked {
  if (printConfig) return '--print-config';
  return checkConfig ? '--check-config' : undefined;
}

function declare(command: Command, took: (name: string, value: string) => void): void {
  for (const option of [...options, ...refusals]) {
    command.addOption(flagOf(option));
    command.on(`option:${longName(option).slice(2)}`, (value: string | null | undefined) =>
      took(longName(option), value ?? ''),
    );
  }
  command.addOption(
    new Flag('--runtime <name>', 'what runs it, whatever its name looks like').choices(['node', 'python']),
  );
  command.option('--check-config', 'load the application and exit: 0, or 1 with what is wrong');
  command.option('--print-config', 'the same, and print every setting and where it comes from');
}

function flagOf(option: Option | Refusal): Flag {
  const isRefusal = 'instead' in option;
  // What is refused may be written as one likes.
  const value = option.value === undefined ? '' : isRefusal ? ` [${option.value}]` : ` <${option.value}>`;
  const about = isRefusal ? option.instead : `${option.about}${option.only ? ` (${option.only})` : ''}`;
  const [first, ...others] = [...option.names.split(', ')];
  const flags = others.length === 0 ? `${first}${value}` : `${first}, ${others.join(', ')}${value}`;
  const flag = new Flag(flags, about);
  return isRefusal ? flag.hideHelp() : flag;
}

/** What stands in the variable; what the parser refuses there is an error of the command `of`, as on the command line. */
function ofVariable(text: string | undefined, of: Command): GivenOption[] {
  if (text === undefined || text.trim() === '') return [];
  const given: GivenOption[] = [];
  const command = new Command(argumentsVariable).helpOption(false).allowExcessArguments(false);
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  declare(command, (name, value) => given.push({ name, value, by: `${argumentsVariable} ${name}` }));
  try {
    command.parse(wordsOf(text), { from: 'user' });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error: /, '') : String(error);
    of.error(`error: ${argumentsVariable}: ${why}`);
  }
  return given;
}
