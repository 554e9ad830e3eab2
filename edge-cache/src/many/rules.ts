/** How the numbers of several workers of an edge become those of the edge. Pure. */
import type { Question } from '@trivet/kit/process/workers/ask.ts';
import { byName, isRecord, type Rule, type Rules } from '@trivet/kit/process/workers/merge.ts';
import type { Measure, Top, TopUrl } from '../watch/top-urls.ts';
import { acrossOf, counterRows } from '../watch/varnish-counters.ts';

const MOST_URLS = 1000;
const FEW_URLS = 5;
const USUAL_URLS = 20;

/** Each worker asks the same members on its own: what they do is added up, what they are is as the first sees it. */
const members = byName('address', { dnsAgeMs: 'max', ejectedForMs: 'max', probe: 'first' });

function mainRules(path: (name: string) => string): Rules {
  const rows = counterRows.map(({ varnish }) => [path(`MAIN.${varnish}`), acrossOf(varnish)] as const);
  return Object.fromEntries<Rule>(rows);
}

/** Of `GET /stats`. Every worker has every ban; the rest each has for itself. */
export const statsRules: Rules = {
  'bans/inForce': 'max',
  'bans/needRequest': 'max',
  'bans/added': 'max',
  'bans/superseded': 'max',
  'answers/purges': 'max',
  ...mainRules((name) => `counters/${name}`),
  'top/*': (lists) => ranked(lists, FEW_URLS),
  listeners: 'max',
  'backends/leaving': byName('name'),
  'backends/*': members,
  'backendGroups/*/mostWaiting': 'max',
};

/** Of `GET /varnishstat`. */
export const varnishstatRules: Rules = { version: 'first', ...mainRules((name) => `counters/${name}/value`) };

/** Of `GET /policy`; a worker that was replaced began with version 1 again. */
export const policyRules: Rules = {
  version: 'max',
  failures: 'max',
  older: byName('version', { version: 'first' }),
};

/** Of `GET /top`: the first few of all are not among the first few of each. */
export function topQuestion(asked: Question): Question {
  const url = new URL(asked.path, 'http://admin');
  const limit = url.searchParams.get('limit');
  // What is no limit is for a worker to refuse.
  if (limit !== null && !(/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= MOST_URLS)) return asked;
  url.searchParams.set('limit', String(MOST_URLS));
  return { ...asked, path: url.pathname + url.search };
}

/** The lists of all workers as one. */
export function topTogether(tops: readonly unknown[], asked: URLSearchParams): Top {
  const lists = tops as Top[];
  const limit = Number(asked.get('limit') ?? USUAL_URLS);
  const by: Measure = lists[0]?.by ?? 'misses';
  const sinceSeconds = Math.max(0, ...lists.map((top) => top.sinceSeconds));
  return {
    by,
    sinceSeconds,
    urls: ranked(
      lists.map(({ urls }) => urls),
      limit,
    ),
  };
}

function ranked(lists: readonly unknown[], limit: number): TopUrl[] {
  const urls = byName('url')(lists).filter((one): one is TopUrl => isRecord(one) && typeof one.count === 'number');
  return urls.sort((a, b) => b.count - a.count || (a.url < b.url ? -1 : 1)).slice(0, limit);
}
