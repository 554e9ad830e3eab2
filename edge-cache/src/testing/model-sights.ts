/** What sequences came by, over all of them: a model that is never asked proves nothing. */
import type { Whole } from './client.ts';
import { bansBy, type Get, ranges } from './model-actions.ts';

/** What the edge said that it did. */
export const marks = {
  hit: /; hit; ttl=\d+$/,
  stale: /stale-while-revalidate/,
  rescued: /stale-if-error/,
  renewed: /fwd-status=304/,
  collapsed: /collapsed/,
  stored: /; stored/,
  uncacheable: /detail="(?:private|no-store)"/,
  variant: /fwd=vary-miss/,
  partial: /fwd=partial/,
} as const;
/** What else there must have been. */
export const sights = [
  ...bansBy.map((by) => `ban by ${by}`),
  'ban while a fetch was held',
  'purge while a fetch was held',
  'a group was invalidated',
  'a stored answer in a coding',
  'a stored part of a coded whole',
  'a stored answer in several parts',
  'a HEAD that was not modified',
] as const;

/** What an answer is, of all that. */
export function sightsOf({ method, range }: Get, answer: Whole | undefined): string[] {
  if (answer === undefined) return ['broken'];
  const { status, header, cacheStatus } = answer;
  const isHit = cacheStatus.startsWith('edge-cache; hit');
  const isCoded = header('vary')?.includes('Accept-Encoding') ?? false;
  const seen: readonly (readonly [isSo: boolean, sight: (typeof sights)[number]])[] = [
    [isHit && header('content-encoding') !== undefined, 'a stored answer in a coding'],
    [isHit && isCoded && status === 206, 'a stored part of a coded whole'],
    [isHit && status === 206 && ranges[range].length > 1, 'a stored answer in several parts'],
    [method === 'HEAD' && status === 304, 'a HEAD that was not modified'],
  ];
  return [`status ${status}`, ...seen.filter(([isSo]) => isSo).map(([, sight]) => sight)];
}

/** How often. */
export type Seen = Map<string, number>;
