/** What the tier counts, for `/metrics`. */

import type { OpenFiles, OpenFilesStats } from '@trivet/kit/files/open-files.ts';
import type { Labelled, Metrics } from '@trivet/kit/process/metrics.ts';
import type { Upstream } from '@trivet/kit/upstream/upstream.ts';
import type { HotFilesStats } from './files/hot-files.ts';
import type { Live } from './front.ts';
import type { LiveSite } from './live-site.ts';
import type { Lasting } from './open-front.ts';
import type { Proxying } from './proxy/proxying.ts';
import type { Upstreams } from './upstreams.ts';

type Measured = {
  readonly live: Live;
  readonly lasting: Pick<Lasting, 'limits' | 'openFiles' | 'proxying' | 'upstreams'>;
  readonly site: Pick<LiveSite, 'version' | 'failures'>;
};

export function measure({ live, lasting, site }: Measured, metrics: Metrics): void {
  const { limits, openFiles } = lasting;
  if (live.front.hotFiles !== undefined) countHotFiles(live, metrics);
  if (openFiles !== undefined) countOpenFiles(openFiles, metrics);
  countProxying(lasting.proxying, metrics);
  countUpstreams(lasting.upstreams, metrics);
  const ofLimits = 'What limits said to requests; abandoned: left while they waited.';
  metrics.counters('trivet_limit_verdicts_total', ofLimits, ['limit', 'verdict'], () => limits.counts());
  metrics.gauge('trivet_site_version', 'The version of the site that is in force.', () => site.version, 'max');
  metrics.counter('trivet_site_refused_total', 'Versions of the site that were refused.', () => site.failures);
}

function countHotFiles(live: Live, { gauge, counter }: Metrics): void {
  const read = (name: keyof HotFilesStats) => () => live.front.hotFiles?.stats()[name] ?? 0;
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

function countProxying({ places, encoders }: Proxying, { gauge }: Metrics): void {
  gauge('trivet_held_body_memory_bytes', 'Memory of request bodies that are held.', () => places.room.taken);
  gauge('trivet_held_body_disk_bytes', 'Disk of request bodies that are held.', () => places.disk.taken);
  gauge('trivet_encoder_streams', 'Answers that are compressed as they come.', () => encoders.streams);
}

function countUpstreams(upstreams: Upstreams, { gauges, counters }: Metrics): void {
  const each = (read: (upstream: Upstream) => number) => () =>
    [...upstreams.byName].map(([name, upstream]): Labelled => [{ upstream: name }, read(upstream)]);
  const sum = (key: 'inFlight' | 'connections') =>
    each((upstream) => upstream.stats().reduce((total, member) => total + member[key], 0));
  const labels = ['upstream'];
  gauges('trivet_upstream_in_flight', 'Requests that are with an upstream.', labels, sum('inFlight'));
  gauges('trivet_upstream_connections', 'Connections to an upstream, idle ones too.', labels, sum('connections'));
  const waiting = each((upstream) => upstream.groupStats().waiting);
  gauges('trivet_upstream_waiting', 'Requests that wait for a connection.', labels, waiting);
  const requests = each((upstream) => upstream.groupStats().requests);
  counters('trivet_upstream_requests_total', 'Requests that were meant for an upstream.', labels, requests);
  const ofRepeats =
    'Requests given out again. redial: no connection was taken; replay: a reused one was closed; retry: it failed in ' +
    'another way; unaffordable: not retried, since the budget was spent.';
  counters('trivet_upstream_repeats_total', ofRepeats, ['upstream', 'kind'], () => repeats(upstreams));
}

function* repeats({ byName }: Upstreams): Iterable<Labelled> {
  for (const [upstream, group] of byName) {
    const { redials, replays, retries, unaffordable } = group.groupStats();
    const kinds = { redial: redials, replay: replays, retry: retries, unaffordable };
    for (const [kind, count] of Object.entries(kinds)) yield [{ upstream, kind }, count];
  }
}
