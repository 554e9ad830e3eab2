/** What every answer says of its exchange, and what the exchange leaves behind: log line, counters, last outcome. */
import { note, standardFields } from '@trivet/kit/http1/answer.ts';
import { type CacheOutcome, cacheStatus } from '../policy/cache-status.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** Writes down how an exchange is answered, and returns the field that says so. */
export function conclude(x: Exchange, edge: Edge, status: number, outcome: CacheOutcome): string[] {
  const member = cacheStatus(outcome);
  note(x.response, { trail: x.trail, why: outcome.detail, cache: word(outcome) });
  count(edge, outcome);
  const { trail, inbound } = x;
  const { knownKey } = x;
  if (knownKey !== undefined)
    edge.outcomes.note(knownKey, { at: edge.clock(), status, cacheStatus: member, trail, requestId: inbound.id });
  return ['Cache-Status', member];
}

/** The fields of this exchange alone: its id, and how long the edge took. */
export function ownFields({ inbound }: Exchange, { serverTiming }: Edge): string[] {
  return standardFields(inbound, serverTiming ? 'edge' : undefined);
}

/** One word for the log. */
function word(outcome: CacheOutcome): string {
  if (outcome.hit) return outcome.ttl < 0 ? 'stale' : 'hit';
  if (outcome.fwd === undefined) return 'synth';
  if (outcome.fwd === 'bypass' || outcome.fwd === 'method') return 'pass';
  if (outcome.detail === 'stale-if-error') return 'stale';
  return outcome.fwdStatus === 304 ? 'renewed' : 'miss';
}

function count({ counters }: Edge, outcome: CacheOutcome): void {
  if (!outcome.hit && outcome.fwd !== undefined && outcome.collapsed) counters.collapsed += 1;
  switch (word(outcome)) {
    case 'hit':
      counters.hits += 1;
      break;
    case 'stale':
      counters.staleHits += 1;
      break;
    case 'pass':
      counters.passes += 1;
      break;
    case 'synth':
      break;
    default:
      counters.misses += 1;
  }
}
