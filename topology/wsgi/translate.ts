/** From a command line to what the app tier is started with. Pure: the tier itself judges the values. */
import { optionsVariable } from '@trivet/kit/process/print-config.ts';
import { appNameOf, type Runtime } from './app-name.ts';
import { type At, longName, type Option, type Refusal } from './option.ts';
import { options } from './options.ts';
import { umaskOf } from './process-options.ts';
import { refusals } from './refusals.ts';

/** One option as it was given; a flag's value is empty. `by`: as it is to be named. */
export type GivenOption = { readonly name: string; readonly value: string; readonly by: string };

export type Line = {
  /** What is to be run; what `APP_APPLICATION` says where it is not named. */
  readonly application: string | undefined;
  readonly runtime: Runtime | undefined;
  /** In order; what wins comes last. */
  readonly given: readonly GivenOption[];
};

export type Translation = {
  /** Beside the environment, and before it. */
  readonly env: Readonly<Record<string, string>>;
  readonly umask: number | undefined;
  /** Each says by its first words which option it is about. */
  readonly problems: readonly string[];
};

type Draft = {
  env: Record<string, string>;
  from: Record<string, string>;
  problems: string[];
  umask: number | undefined;
};

/** Translates it, and names all that is wrong. */
export function translate({ application, runtime: forced, given }: Line, at: At): Translation {
  const draft: Draft = { env: {}, from: {}, problems: [], umask: undefined };
  const runtime = nameApplication(draft, { application, forced }, at);
  refuse(draft, given);
  // Variables of the application first: an option wins over a variable of the same name.
  const ordered = [...options].sort((a, b) => Number(b.names.endsWith('--env')) - Number(a.names.endsWith('--env')));
  for (const option of ordered) {
    const own = ofOneSource(given.filter(({ name }) => name === longName(option)));
    if (own.length > 0) apply(draft, { option, own, runtime }, at);
  }
  oneLog(draft, given);
  const { env, from, problems, umask } = draft;
  return { env: { ...env, [optionsVariable]: JSON.stringify(from) }, umask, problems };
}

type Named = { readonly application: string | undefined; readonly forced: Runtime | undefined };

function nameApplication(draft: Draft, { application, forced }: Named, { env }: At): Runtime | undefined {
  if (application === undefined) return nameRuntime(draft, forced, env);
  try {
    const found = appNameOf(application, forced);
    set(draft, { APP_APPLICATION: found.application, APP_RUNTIME: found.runtime }, 'command line');
    return found.runtime;
  } catch (error) {
    draft.problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Of an application that a variable names. */
function nameRuntime(draft: Draft, forced: Runtime | undefined, env: At['env']): Runtime {
  if (env.APP_APPLICATION === undefined) draft.problems.push('no application is named: FILE.ts:NAME or MODULE:NAME');
  if (forced !== undefined) set(draft, { APP_RUNTIME: forced }, '--runtime');
  return forced ?? (env.APP_RUNTIME === 'python' ? 'python' : 'node');
}

function refuse(draft: Draft, given: readonly GivenOption[]): void {
  for (const refusal of refusals) {
    const found = given.find(({ name }) => name === longName(refusal));
    if (found !== undefined) draft.problems.push(`${found.by} is not an option here. ${refusal.instead}.`);
  }
}

// An option of the command line takes the place of all of that name in the variable, as with Gunicorn.
function ofOneSource(own: readonly GivenOption[]): readonly GivenOption[] {
  const by = own.at(-1)?.by;
  return own.filter((one) => one.by === by);
}

type Use = {
  readonly option: Option;
  readonly own: readonly GivenOption[];
  readonly runtime: Runtime | undefined;
};

function apply(draft: Draft, { option, own, runtime }: Use, at: At): void {
  const by = own.at(-1)?.by ?? longName(option);
  if (option.only !== undefined && runtime !== undefined && option.only !== runtime && !isNothing(option, own)) {
    draft.problems.push(`${by} is for applications of the ${option.only} runtime; this one is run by ${runtime}`);
    return;
  }
  try {
    const values = own.map(({ value }) => value);
    set(draft, option.translate(values, at), by);
    if (longName(option) === '--umask') draft.umask = umaskOf(values);
  } catch (error) {
    draft.problems.push(`${by}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One thread is what every worker has. */
function isNothing(option: Option, own: readonly GivenOption[]): boolean {
  return longName(option) === '--threads' && own.at(-1)?.value === '1';
}

function set(draft: Draft, variables: Readonly<Record<string, string>>, by: string): void {
  Object.assign(draft.env, variables);
  for (const name of Object.keys(variables)) draft.from[name] = by;
}

function oneLog(draft: Draft, given: readonly GivenOption[]): void {
  const files = ['--access-logfile', '--error-logfile'].map(
    (wanted) => given.findLast(({ name }) => name === wanted)?.value,
  );
  const [access, error] = files;
  if (access === undefined || error === undefined || access === error) return;
  draft.problems.push(
    '--access-logfile and --error-logfile: there is one log, for exchanges and all else; name one file',
  );
}

/** Every option of Gunicorn, refused or not, and ours. */
export const everyOption: readonly (Option | Refusal)[] = [...options, ...refusals];
