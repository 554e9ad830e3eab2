/** The file that reloads the app when it is touched, as mod_wsgi has it with the script: its content may be what it was. */
import { statSync } from 'node:fs';
import type { Watchable } from './watch-file.ts';

/** To be watched; `touched` is called when the file is another one, or has another time, than when this was made. */
export function touchFile(path: string, touched: () => void): Watchable {
  const looksOf = () => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  };
  let known = looksOf();
  return {
    paths: [path],
    looks: looksOf,
    // One that is gone is about to be replaced.
    isOutdated: () => !['', known].includes(looksOf()),
    async reload() {
      known = looksOf();
      touched();
      return { verdict: 'reloaded', version: 0 };
    },
  };
}
