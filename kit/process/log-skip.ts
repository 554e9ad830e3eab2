/** Which exchanges get no line though others of their kind do: those of health checks, mostly. */
import { type Reader, reader } from './units.ts';

/** Is a target, path and query, one of those that are not logged? */
export type Skips = (target: string) => boolean;

/** `/healthz,/assets/*` → does this path, whatever its query, stand in the list, or begin like one with `*` at its end? */
export const skipList: Reader<Skips> = reader((text) => {
  const given = text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  for (const path of given) {
    if (!/^\/[^*?#\s]*\*?$/.test(path))
      throw new Error(`${JSON.stringify(path)} is no path such as /healthz or /assets/*`);
  }
  const exact = new Set(given.filter((path) => !path.endsWith('*')));
  const beginnings = given.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  if (given.length === 0) return () => false;
  return (target) => {
    const end = target.indexOf('?');
    const path = end < 0 ? target : target.slice(0, end);
    return exact.has(path) || beginnings.some((beginning) => path.startsWith(beginning));
  };
});
