/** The table of the README: what each option of Gunicorn is here. */
import { options } from './options.ts';
import { refusals } from './refusals.ts';

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const code = (text: string): string => `\`${text}\``;

/** As Markdown: those that mean something, in their order, then those that are refused, for one reason together. */
export function optionsTable(): string {
  const ofGunicorn = options.map(({ names, setting, file, about, isOurs }) => {
    const name = `${code(names)}${isOurs === true ? ' (ours)' : ''}`;
    return row(name, setting.split(', ').map(nameOf).join(', '), about, code(file));
  });
  const together = Map.groupBy(refusals, ({ instead }) => instead);
  const refused = [...together].map(([instead, of]) =>
    row(of.map(({ names }) => code(names)).join(', '), 'refused', instead, ''),
  );
  return [
    row('option', 'setting', 'meaning, or what to use instead', 'file'),
    '|---|---|---|---|',
    ...ofGunicorn,
    ...refused,
  ].join('\n');
}

function nameOf(setting: string): string {
  return /^[A-Z_]+$/.test(setting) ? code(setting) : setting;
}
