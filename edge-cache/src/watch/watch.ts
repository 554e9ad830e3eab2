import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { LiveLog } from './live-log.ts';
import { TopUrls } from './top-urls.ts';

/** What an operator sees of the exchanges as they finish. */
export class Watch {
  readonly log: LiveLog;
  readonly top: TopUrls;
  readonly startedAt: number;

  /** `clock`: milliseconds since the epoch. */
  constructor(region: string, clock: () => number) {
    this.log = new LiveLog({ region, clock });
    this.top = new TopUrls(clock);
    this.startedAt = clock();
  }

  /** One exchange is over. */
  exchange(record: ExchangeRecord): void {
    // Tunnels and what never was a request have nothing to do with the cache.
    if (record.cache !== undefined) this.top.count(record);
    this.log.exchange(record);
  }
}
