/** What `--print-config` prints: every setting as it is, and where that comes from. Pure. */
import { type Environment, given, masked, type Setting, type Table } from './settings.ts';

/** Says to a tier which of its variables are options of a command line: JSON, variable → option. */
export const optionsVariable = 'TRIVET_OPTIONS';

/** One line for each setting, by name: `APP_WORKERS=4   --workers`. Secrets are masked. */
export function printedConfig(rows: Table, env: Environment): string {
  const options = optionsIn(env[optionsVariable]);
  const lines = Object.values(rows)
    .map((setting) => ({
      shown: `${setting.env}=${masked(setting, given(setting, env).text)}`,
      origin: originOf(setting, env, options),
    }))
    .sort((a, b) => (a.shown < b.shown ? -1 : 1));
  const width = Math.max(...lines.map(({ shown }) => shown.length));
  return lines.map(({ shown, origin }) => `${shown.padEnd(width)}  # ${origin}\n`).join('');
}

function originOf(setting: Setting, env: Environment, options: Readonly<Record<string, unknown>>): string {
  const { from, isFallback } = given(setting, env);
  if (isFallback && setting.missing !== undefined) return 'missing';
  if (isFallback) return setting.preset === undefined ? 'default' : `preset ${setting.preset}`;
  const option = options[setting.env];
  if (from === setting.env && typeof option === 'string') return option;
  return from === setting.env ? 'environment' : `environment, ${from}`;
}

function optionsIn(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const options: unknown = JSON.parse(text);
    return typeof options === 'object' && options !== null ? { ...options } : {};
  } catch {
    return {};
  }
}
