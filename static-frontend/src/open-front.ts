/** What the parts of the tier share, put together: what outlives a site, and the front of one site over it. */

import { OpenFiles } from '@trivet/kit/files/open-files.ts';
import type { Root } from '@trivet/kit/files/root.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import type { AddressRule } from '@trivet/kit/upstream/options.ts';
import type { FrontConfig } from '../settings.ts';
import { HotFiles, newHotFileCounts } from './files/hot-files.ts';
import type { Front } from './front.ts';
import type { Limits } from './limits/limits.ts';
import type { ReadySite } from './load-site.ts';
import type { Proxying } from './proxy/proxying.ts';
import { Upstreams } from './upstreams.ts';

/** What stays when a site goes. */
export type Lasting = {
  readonly config: FrontConfig;
  readonly root: Root;
  readonly limits: Limits;
  readonly proxying: Proxying;
  readonly upstreams: Upstreams;
  readonly openFiles: OpenFiles | undefined;
  /** Files in memory, for one site; undefined where the fast lane is off. */
  readonly newHotFiles: (() => HotFiles) | undefined;
};

type First = Pick<Lasting, 'config' | 'root' | 'limits' | 'proxying'> & {
  /** Where the app is, unless the site says. */
  readonly app: readonly AddressRule[];
  readonly ready: ReadySite;
  readonly log: Log;
};

/** Opens what is there for all sites; the upstreams are those of the first. */
export function openLasting(
  { config, root, limits, proxying, app, ready, log }: First,
  own: AsyncDisposableStack,
): Lasting {
  limits.reconfigure(ready.site.limits ?? {});
  const isFast = config.fastLane && config.hotFiles > 0;
  const { hotFiles: maxBytes, hotFileMax: maxFileBytes, openFiles: most } = config;
  const counts = newHotFileCounts();
  const leastBytes = isFast ? maxFileBytes + 1 : 0;
  return {
    ...{ config, root, limits, proxying },
    upstreams: own.use(
      new Upstreams(ready.site, { ...config, upstream: app, isOwnApp: config.upstream === 'daemon' }, log),
    ),
    openFiles: most > 0 ? own.use(new OpenFiles({ root, most, leastBytes })) : undefined,
    newHotFiles: isFast ? () => new HotFiles({ root, now: Date.now, maxBytes, maxFileBytes, counts }) : undefined,
  };
}

/** The front of a site. */
export function openFront({ site, guards }: ReadySite, lasting: Lasting): Front {
  const { config, root, proxying, upstreams, openFiles, newHotFiles } = lasting;
  const { serverTiming } = config;
  const { byName, tunnels } = upstreams;
  return {
    ...{ site, root, guards, upstreams: byName, tunnels, proxying, serverTiming, openFiles },
    hotFiles: newHotFiles?.(),
    now: Date.now,
  };
}
