/** Options of the log and of the process. */
import { resolve } from 'node:path';
import { last, type Option, sets, type Variables } from './option.ts';

const logFile = (values: readonly string[], cwd: string): Variables => ({
  LOG_FILE: last(values) === '-' ? '' : resolve(cwd, last(values)),
});

const levels: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
};

export const ofLog: readonly Option[] = [
  {
    names: '--access-logfile',
    value: 'FILE',
    about: 'where the log goes, exchanges and all else; -: standard output',
    setting: 'LOG_FILE',
    file: 'kit/process/log-file.ts',
    translate: (values, { cwd }) => logFile(values, cwd),
  },
  {
    names: '--access-logformat',
    value: 'STRING',
    about: 'how an exchange is logged: json, pretty, combined, or a text with %(h)s and the like',
    ...sets('LOG_FORMAT'),
    file: 'kit/process/access-format.ts',
  },
  {
    names: '--log-file, --error-logfile',
    value: 'FILE',
    about: 'the same as --access-logfile: there is one log',
    setting: 'LOG_FILE',
    file: 'kit/process/log-file.ts',
    translate: (values, { cwd }) => logFile(values, cwd),
  },
  {
    names: '--log-level',
    value: 'LEVEL',
    about: 'debug, info, warning, error, critical; exchanges are logged at info',
    ...sets('LOG_LEVEL', (level) => {
      const found = Object.hasOwn(levels, level.toLowerCase()) ? levels[level.toLowerCase()] : undefined;
      if (found === undefined)
        throw new Error(`${JSON.stringify(level)} is not one of ${Object.keys(levels).join(', ')}`);
      return found;
    }),
    file: 'kit/process/log.ts',
  },
];

/** As there: `022` and `0o22` are octal, `0x12` and `18` are not. @throws Error */
export function umaskOf(values: readonly string[]): number {
  const text = last(values)
    .toLowerCase()
    .replace(/^0(?=\d)/, '0o');
  const mask = /^(?:\d+|0o[0-7]+|0x[\da-f]+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(mask <= 0o777)) throw new Error(`${JSON.stringify(last(values))} is not a mask of file modes such as 0o22`);
  return mask;
}

export const ofProcess: readonly Option[] = [
  {
    names: '-m, --umask',
    value: 'INT',
    about: 'mask of the modes of files and of the Unix socket, for all processes',
    setting: 'the umask',
    file: 'topology/trivet.ts',
    translate(values): Variables {
      umaskOf(values);
      return {};
    },
  },
  {
    names: '-p, --pid',
    value: 'FILE',
    about: 'a file for the number of the process, removed at its end',
    setting: 'APP_PID_FILE',
    file: 'kit/process/pid-file.ts',
    translate: (values, { cwd }) => ({ APP_PID_FILE: resolve(cwd, last(values)) }),
  },
];
