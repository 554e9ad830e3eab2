/** What the tier counts, for `/metrics`. */
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { HotFilesStats } from './files/hot-files.ts';
import type { OpenFiles, OpenFilesStats } from './files/open-files.ts';
import type { Live } from './front.ts';
import type { LiveSite } from './live-site.ts';
import type { Lasting } from './open-front.ts';

type Measured = { readonly live: Live; readonly lasting: Lasting; readonly site: LiveSite };

export function measure({ live, lasting, site }: Measured, metrics: Metrics): void {
  const { limits, openFiles } = lasting;
  if (live.front.hotFiles !== undefined) countHotFiles(live, metrics);
  if (openFiles !== undefined) countOpenFiles(openFiles, metrics);
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
