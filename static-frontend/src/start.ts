/** Puts the tier together and lets it listen. What cannot be served is said before the first request, not by it. */
import { recordOf } from '@trivet/kit/http1/exchange.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { AccessLog } from '@trivet/kit/process/access-log.ts';
import { slotOf } from '@trivet/kit/process/exchange-counts.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { ForMany } from '@trivet/kit/process/workers/for-many.ts';
import { byName } from '@trivet/kit/process/workers/merge.ts';
import type { FrontConfig } from '../settings.ts';
import { type Conclude, fastLane } from './fast-lane.ts';
import { HotFiles, type HotFilesStats } from './files/hot-files.ts';
import { OpenFiles, type OpenFilesStats } from './files/open-files.ts';
import { Root } from './files/root.ts';
import { type Live, tier } from './front.ts';
import { openGuards } from './guard/guards.ts';
import { handler } from './handle.ts';
import { Limits } from './limits/limits.ts';
import { loadSite } from './load-site.ts';
import { upgradeHandler } from './upgrade.ts';
import { Upstreams } from './upstreams.ts';

/** Starts the tier; everything it opens is put into `own`. */
export async function start({ config, log, accessLog, metrics, own }: Runtime<FrontConfig>): Promise<Started> {
  const site = await loadSite(config.site, 'FRONT_SITE');
  const root = await Root.open(config.root, 'FRONT_ROOT', undefined, config.symlinks);
  const upstreams = own.use(new Upstreams(site, config, log));
  const { bodyLimit, serverTiming } = config;
  const hotFiles = config.fastLane && config.hotFiles > 0 ? openHotFiles(root, config) : undefined;
  const openFiles = config.openFiles > 0 ? own.use(keepOpen(root, config)) : undefined;
  const limits = new Limits(site.limits);
  const guards = await openGuards(site, { limits, log });
  const live: Live = {
    front: {
      site,
      root,
      guards,
      upstreams: upstreams.byName,
      bodyLimit,
      serverTiming,
      hotFiles,
      openFiles,
      now: Date.now,
    },
  };
  const listening = own.use(
    await listen({
      tier,
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      proxyProtocol: config.proxyProtocol,
      onRequest: handler(live),
      onUpgrade: upgradeHandler(live, upstreams),
      onDrain: () => upstreams.drain(),
      onExchange: (record) => {
        metrics.exchange(record);
        accessLog.exchange(record);
      },
      log,
      fastLane: hotFiles && fastLane(live.front, hotFiles, concludeWith(metrics, accessLog)),
    }),
  );
  if (hotFiles !== undefined) countHotFiles(hotFiles, metrics);
  if (openFiles !== undefined) countOpenFiles(openFiles, metrics);
  const ofLimits = 'What limits said to requests; abandoned: left while they waited.';
  metrics.counters('trivet_limit_verdicts_total', ofLimits, ['limit', 'verdict'], () => limits.counts());
  return {
    listening,
    ready: () => root.ready(),
    stats: () => ({
      upstreams: upstreams.stats(),
      hotFiles: hotFiles?.stats(),
      openFiles: openFiles?.stats(),
      limits: limits.stats(),
    }),
  };
}

function openHotFiles(root: Root, { hotFiles: maxBytes, hotFileMax: maxFileBytes }: FrontConfig): HotFiles {
  return new HotFiles({ root, now: Date.now, maxBytes, maxFileBytes });
}

function keepOpen(root: Root, { fastLane, hotFiles, hotFileMax, openFiles: most }: FrontConfig): OpenFiles {
  return new OpenFiles({ root, most, leastBytes: fastLane && hotFiles > 0 ? hotFileMax + 1 : 0 });
}

function concludeWith(metrics: Metrics, accessLog: AccessLog): Conclude {
  return (inbound, status, given) => {
    metrics.count(slotOf(inbound.method, status, given.outcome), given.ms, given.bytes);
    if (accessLog.wants(status)) accessLog.write(recordOf(inbound, { status, ...given }, undefined));
  };
}

function countHotFiles(hotFiles: HotFiles, { gauge, counter }: Metrics): void {
  const read = (name: keyof HotFilesStats) => () => hotFiles.stats()[name];
  gauge('trivet_hot_paths', 'Paths whose files are in memory.', read('paths'));
  gauge('trivet_hot_file_bytes', 'Memory of hot files.', read('bytes'));
  counter('trivet_hot_file_answers_total', 'Answers of the fast lane.', read('answers'));
  counter('trivet_hot_file_looks_total', 'Looks at the disk on behalf of hot paths.', read('looks'));
  counter('trivet_hot_file_changes_total', 'Looks that found something else on the disk.', read('changes'));
  counter('trivet_hot_file_failures_total', 'Looks and readings that the disk failed.', read('failures'));
}

function countOpenFiles(openFiles: OpenFiles, { gauge, counter }: Metrics): void {
  const read = (name: keyof OpenFilesStats) => () => openFiles.stats()[name];
  gauge('trivet_open_files', 'Files that are kept open.', read('files'));
  counter('trivet_open_file_answers_total', 'Answers from files that were open.', read('answers'));
  counter('trivet_open_file_looks_total', 'Looks at the disk on behalf of open files.', read('looks'));
  counter('trivet_open_file_changes_total', 'Open files that were not what they had been.', read('changes'));
  counter('trivet_open_file_failures_total', 'Closes that the disk failed.', read('failures'));
}

/** Each worker asks the members of an upstream on its own; what they do is added up. */
export function forMany(): ForMany {
  const members = byName('address', {
    ...{ dnsAgeMs: 'max', ejectedForMs: 'max', probe: 'first' },
    ...{ weight: 'max', ewmaMs: 'max' },
  });
  return { stats: { 'upstreams/*/addresses': members } };
}
