/** When a worker has served for so long, or so much, that it had better be replaced; it says so itself. */
import type { Metrics } from '../metrics.ts';
import type { SupervisionConfig } from '../supervision-settings.ts';
import type { Superior } from './duty.ts';

type Limits = Partial<Pick<SupervisionConfig, 'maxRequests' | 'maxRequestsJitter' | 'maxAge' | 'maxRss'>>;

/** Where one worker's limits lie; 0 is none. `random` is from 0 to below 1. Pure. */
export function drawLimits(
  { maxRequests = 0, maxRequestsJitter = 0, maxAge = 0, maxRss = 0 }: Limits,
  random: () => number,
) {
  const requests = maxRequests === 0 ? 0 : maxRequests + Math.floor(random() * (maxRequestsJitter + 1));
  return { requests, ageMs: maxAge === 0 ? 0 : maxAge * (1 + random() / 10), rss: maxRss };
}

const lookMs = 1_000;

/** Watches over this process until `own` is closed. `counting` are metrics that count its requests for this, too. */
export function fatigueOf(limits: Limits, superior: Pick<Superior, 'tired'>, own: AsyncDisposableStack) {
  const { requests, ageMs, rss } = drawLimits(limits, Math.random);
  let served = 0;
  const look = () => {
    if (rss > 0 && process.memoryUsage.rss() > rss) superior.tired('max-rss');
    else if (ageMs > 0 && process.uptime() * 1000 > ageMs) superior.tired('max-age');
  };
  if (rss > 0 || ageMs > 0) {
    const timer = setInterval(look, Math.min(lookMs, ageMs || lookMs)).unref();
    own.defer(() => clearInterval(timer));
  }
  const serve = () => {
    served += 1;
    if (served === requests) superior.tired('max-requests');
  };
  return { counting: (metrics: Metrics): Metrics => (requests === 0 ? metrics : counting(metrics, serve)) };
}

function counting(metrics: Metrics, serve: () => void): Metrics {
  return {
    ...metrics,
    exchange(record) {
      metrics.exchange(record);
      serve();
    },
    count(slot, ms, bytes) {
      metrics.count(slot, ms, bytes);
      serve();
    },
  };
}
