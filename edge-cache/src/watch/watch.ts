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

  /** Does anybody listen? If not, nobody but the log needs a record of a hit. */
  get isHeard(): boolean {
    return this.log.listeners > 0;
  }

  /** One exchange is over. */
  exchange(record: ExchangeRecord): void {
    // Tunnels and what never was a request have nothing to do with the cache.
    if (record.cache !== undefined) this.top.count(record);
    this.log.exchange(record);
  }

  /** The same for a hit of which no record was made, when nobody listens. */
  hit(url: string, bytes: number, now: number): void {
    this.top.hit(url, bytes, now);
  }
}
