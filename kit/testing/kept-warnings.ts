import type { Log } from '../process/log.ts';
import { silentLog } from './silent.ts';

type Line = Partial<Record<'msg' | 'last' | 'client' | 'maxConnectionsPerClient', unknown>>;

/** Lines that were logged at `warn` or above. */
export function keptWarnings(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const keep = (fields: object, msg: string) => void lines.push({ ...fields, msg });
  return { log: Object.assign(Object.create(silentLog), { warn: keep, error: keep }), lines };
}
