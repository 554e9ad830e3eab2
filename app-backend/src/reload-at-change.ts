import type { Log } from '@trivet/kit/process/log.ts';
import type { AppConfig } from '../settings.ts';
import { watchSources } from './watch-sources.ts';

/** For development: the process that looks after the workers tells itself to reload when a source changes. */
export function reloadAtChange({ chdir, reloadFiles }: AppConfig, log: Log): AsyncDisposable {
  return watchSources({
    folder: chdir,
    files: reloadFiles,
    onChange(path) {
      log.info({ path }, 'a source has changed');
      process.kill(process.pid, 'SIGHUP');
    },
    onFailure: (error) => log.error({ err: error }, 'the sources cannot be watched'),
  });
}
