/**
 * Settings are a table: environment variable, fallback, unit, one sentence. Everything that speaks of settings
 * (start-up checks, `--help`, the README's tables, `/config`) is made from it.
 */
import type { z } from 'zod';

export type Setting<T = unknown> = {
  readonly env: string;
  readonly fallback: string;
  readonly about: string;
  readonly read: z.ZodType<T, string>;
  /** Never shown: `/config` and `--help` print `***`. */
  readonly secret?: boolean;
  /** What the whole tier may take of something: its workers share it evenly. */
  readonly isBudget?: boolean;
  /** Other variables that speak for this one when it is not given, first one wins: name → text of this setting. */
  readonly otherwise?: readonly { readonly env: string; readonly as: (value: string) => string }[];
  /** Which preset its fallback is of (`preset.ts`). */
  readonly preset?: string;
  /** It has no fallback: what is wrong when it is not given. */
  readonly missing?: string;
};
export type Table = Readonly<Record<string, Setting>>;
export type ConfigOf<S extends Table> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong with the settings, one line each. The process ends with 78 (EX_CONFIG of sysexits.h). */
export class SettingsProblem extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsProblem';
    this.problems = problems;
  }
}

/** Keeps the types of the rows while checking that each is a setting. */
export function table<const S extends Table>(rows: S): S {
  return rows;
}

export type Given = {
  readonly text: string;
  /** The variable that is named where something is wrong with it. */
  readonly from: string;
  readonly isFallback: boolean;
};

/** The text a setting is read from: its own variable, else one that stands in for it, else the fallback. */
export function given(setting: Setting, env: Environment): Given {
  const own = env[setting.env];
  if (own !== undefined) return { text: own, from: setting.env, isFallback: false };
  for (const other of setting.otherwise ?? []) {
    const value = env[other.env];
    if (value !== undefined && value !== '') return { text: other.as(value), from: other.env, isFallback: false };
  }
  return { text: setting.fallback, from: setting.env, isFallback: true };
}

/** A check over several settings; those that could not be read are missing. Returns what is wrong, if anything. */
export type Rule<S extends Table> = (config: Partial<ConfigOf<S>>) => string | undefined;

/** Reads every setting, then fails once, naming all that is wrong. */
export function load<S extends Table>(rows: S, env: Environment, rules: readonly Rule<S>[] = []): ConfigOf<S> {
  const problems: string[] = [];
  const values = Object.entries(rows).map(([name, setting]) => {
    const { text, from, isFallback } = given(setting, env);
    if (isFallback && setting.missing !== undefined) {
      problems.push(setting.missing);
      return [name, undefined] as const;
    }
    const result = setting.read.safeParse(text);
    if (!result.success) problems.push(...result.error.issues.map((issue) => `${from}: ${issue.message}`));
    return [name, result.data] as const;
  });
  const config = Object.freeze(Object.fromEntries(values)) as ConfigOf<S>;
  problems.push(...rules.map((rule) => rule(config)).filter((problem) => problem !== undefined));
  if (problems.length > 0) throw new SettingsProblem(problems);
  return config;
}

/** The settings of one of `of` workers: its share of each budget, 1 at least where there is something to share. */
export function share<S extends Table>(rows: S, config: ConfigOf<S>, of: number): ConfigOf<S> {
  const values = Object.entries(config).map(([name, value]) => {
    const isShared = rows[name]?.isBudget === true && typeof value === 'number' && value > 0;
    return [name, isShared ? Math.max(1, Math.floor(value / of)) : value] as const;
  });
  return Object.freeze(Object.fromEntries(values)) as ConfigOf<S>;
}

/** What the settings are now, by variable; secrets masked. */
export function shown(rows: Table, env: Environment): Record<string, string> {
  const pairs = Object.values(rows).map((setting) => {
    const { text } = given(setting, env);
    return [setting.env, masked(setting, text)] as const;
  });
  return Object.fromEntries(pairs);
}

/** A value as it may be shown. */
export function masked({ secret }: Setting, text: string): string {
  return secret && text !== '' ? '***' : text;
}

/** Variables with the tier's prefix that no setting knows, with the nearest known name. */
export function unknownNames(rows: Table, prefix: string, env: Environment): { name: string; nearest: string }[] {
  const known = Object.values(rows).flatMap(({ env: own, otherwise = [] }) => [own, ...otherwise.map((o) => o.env)]);
  return Object.keys(env)
    .filter((name) => name.startsWith(`${prefix}_`) && !known.includes(name))
    .map((name) => ({ name, nearest: nearest(name, known) }));
}

function nearest(name: string, known: readonly string[]): string {
  const ranked = known.map((candidate) => ({ candidate, far: distance(name, candidate) }));
  return ranked.reduce((best, next) => (next.far < best.far ? next : best)).candidate;
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What `--help` prints. */
export function help(command: string, rows: Table): string {
  const settings = Object.values(rows);
  const shape = (s: Setting) => `${s.env}=${masked(s, s.fallback)}`;
  const width = Math.max(...settings.map((s) => shape(s).length));
  const line = (s: Setting) => `  ${shape(s).padEnd(width)}  ${s.about}`;
  return [
    `usage: ${command}`,
    '',
    'Configured by environment variables. Durations: 250ms, 10s, 5m, 1h. Sizes: 64KB, 256MB, 2GB.',
    'With --check nothing is started: what would keep it from starting is said, and the exit code is 0 or 78',
    '(--check-config: 0 or 1). --print-config also says what each setting is, and where that comes from.',
    '',
    ...settings.map(line),
    '',
  ].join('\n');
}

/** The same as a Markdown table, for the README. */
export function markdown(rows: Table): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const lines = Object.values(rows).map((s) => `| \`${s.env}=${cell(masked(s, s.fallback))}\` | ${cell(s.about)} |`);
  return ['| setting and default | meaning |', '|---|---|', ...lines].join('\n');
}
