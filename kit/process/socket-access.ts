/** Who may connect to a Unix socket: the mode and the owner of its file, as they are set. */
import { readFileSync } from 'node:fs';
import { type Reader, reader } from './units.ts';

/** What is missing stays as the system makes it: the user and the group of the process, 0777 less the umask. */
export type SocketAccess = {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
};

/** `660` → a mode; empty: none is set. */
export const socketMode: Reader<number | undefined> = reader((text) => {
  if (text === '') return undefined;
  if (!/^0?[0-7]{3}$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a mode in octal, such as 660`);
  return Number.parseInt(text, 8);
});

/** `user`, `user:group` or `:group`, names or numbers; empty: none is set. */
export const socketOwner: Reader<Pick<SocketAccess, 'uid' | 'gid'>> = reader((text) => {
  const match = /^([^:\s]*)(?::([^:\s]+))?$/.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is not user, user:group or :group`);
  const [, user = '', group = ''] = match;
  return {
    ...(user === '' ? {} : { uid: idOf(user, '/etc/passwd', 'user') }),
    ...(group === '' ? {} : { gid: idOf(group, '/etc/group', 'group') }),
  };
});

function idOf(name: string, file: string, what: string): number {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  const entries = readFileSync(file, 'utf8').split('\n');
  const found = entries.map((line) => line.split(':')).find(([known]) => known === name)?.[2];
  if (found === undefined) throw new Error(`there is no ${what} ${JSON.stringify(name)} in ${file}`);
  return Number(found);
}
