/**
 * The site while the front runs: loaded anew when its file changes, at SIGHUP, or when the admin API is told to. A request
 * keeps the site that it began with. Upstreams, what limits have counted, and open files are kept from one to the next.
 */
import { LiveFile } from '@trivet/kit/process/live-file.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { watchFile } from '@trivet/kit/process/watch-file.ts';
import type { Site } from './define-site.ts';
import type { Live } from './front.ts';
import type { Limits } from './limits/limits.ts';
import { type ReadySite, readySite } from './load-site.ts';
import { type Lasting, openFront } from './open-front.ts';
import { routesInShort } from './routes-in-short.ts';

export type LiveSite = LiveFile<ReadySite>;

type Parts = { readonly limits: Limits; readonly log: Log; clock(): number };

const setting = 'FRONT_SITE';

/** Loads the first version. @throws StartProblem */
export async function openLiveSite(path: string, { limits, log, clock }: Parts): Promise<LiveSite> {
  const read: LiveFileRead = (file) => readySite(file, setting, { limits, log });
  return await LiveFile.open({ path, name: 'default', setting, log, clock, read });
}

type LiveFileRead = Parameters<typeof LiveFile.open<ReadySite>>[0]['read'];

/** From now on each newer version is put in force; with `watch`, as soon as it is written. Ends when disposed. */
export function followSite(
  file: LiveSite,
  live: Live,
  lasting: Lasting,
  { watch, log }: { readonly watch: boolean; readonly log: Log },
): Disposable {
  file.follow((next) => putInForce(next, live, lasting));
  return watch ? watchFile(file, { log }) : { [Symbol.dispose]: () => undefined };
}

/** Requests that begin from now on go by this site. What throws has changed nothing. */
export function putInForce(ready: ReadySite, live: Live, lasting: Lasting): void {
  lasting.upstreams.reconfigure(ready.site);
  lasting.limits.reconfigure(ready.site.limits ?? {});
  const before = live.front.hotFiles;
  live.front = openFront(ready, lasting);
  // Requests that began before still find files for the site of before; those must not become hot.
  before?.close();
}

/** For the admin API: what is in force, since when, and why the last one that was refused is not. */
export function stateOf(file: Pick<LiveSite, 'state' | 'value'>): object {
  const { site }: { readonly site: Site } = file.value;
  return { ...file.state(), routes: routesInShort(site) };
}
