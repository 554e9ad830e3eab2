/** The app tier's side of the fast lane: plain requests for the application. Mounts and upgrades are the slow lane's. */
import { recordOf } from '@trivet/kit/http1/exchange.ts';
import type { FastLane } from '@trivet/kit/http1/fast-lane.ts';
import type { AccessLog } from '@trivet/kit/process/access-log.ts';
import { slotOf } from '@trivet/kit/process/exchange-counts.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { Gateway } from './gateway/gateway.ts';
import { type Conclude, LaneAnswer, LaneOutlet } from './gateway/lane-outlet.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

export type FastLaneOptions = {
  readonly serverTiming: boolean;
  readonly conclude: Conclude;
  /** Is the target answered by somebody else than the gateway, in the slow lane? */
  isElsewhere?(target: string): boolean;
  readonly watchdog?: Watchdog | undefined;
};

/** The fast lane before a gateway, which is asked for once requests come. */
export function fastLane(gateway: () => Pick<Gateway, 'serve'>, options: FastLaneOptions): FastLane {
  return {
    answer: () => undefined,
    serve(inbound, seat) {
      if (options.isElsewhere?.(inbound.target)) return undefined;
      const outlet = new LaneOutlet(inbound, { seat, ...options });
      try {
        if (gateway().serve(inbound, outlet)) return outlet.settle();
      } catch (error) {
        outlet.release();
        throw error;
      }
      // It is guarded anew in the slow lane.
      outlet.release();
      return undefined;
    },
    onAnswered(_inbound, answer, given) {
      if (answer instanceof LaneAnswer) answer.over(given);
    },
  };
}

/** What is told of an exchange: counted always, written down where somebody reads it. */
export function concludeWith(metrics: Metrics, accessLog: AccessLog): Conclude {
  return (inbound, end, extra) => {
    if (extra?.fault !== undefined) {
      const record = recordOf(inbound, end, extra);
      metrics.exchange(record);
      accessLog.exchange(record);
      return;
    }
    metrics.count(slotOf(inbound.method, end.status, end.outcome), end.ms, end.bytes);
    if (accessLog.wants(inbound.target, end.status)) accessLog.write(recordOf(inbound, end, extra));
  };
}
