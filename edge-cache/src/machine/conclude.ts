/** What every answer says of its exchange, and what the exchange leaves behind: log line, counters, last outcome. */
import { note, standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { ExchangeNote } from '@trivet/kit/process/exchange-record.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';
import { type CacheOutcome, cacheStatus, keyParameter } from '../policy/cache-status.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import type { Question } from './question.ts';

/** Writes down how an exchange is answered, and returns the field that says so. */
export function conclude(x: Exchange, edge: Edge, status: number, outcome: CacheOutcome): string[] {
  note(x.response, noteOf(outcome, performance.now() - x.inbound.receivedAt));
  return ['Cache-Status', remember(x, edge, status, outcome)];
}

/** What the record of an exchange says of its answer; `ms` from its request to that. */
export function noteOf(outcome: CacheOutcome, ms: number): ExchangeNote {
  const fwd = outcome.hit ? undefined : outcome.fwd;
  const ttl = outcome.hit || outcome.fwd !== undefined ? outcome.ttl : undefined;
  return { why: outcome.detail, cache: word(outcome), fwd, ttl, ttfbMs: Math.round(ms * 100) / 100 };
}

/** One request that is answered, and the steps that led there. */
type Answered = Pick<Question<Inbound>, 'inbound' | 'knownKey'> & { readonly trail: readonly string[] };

/** Counts how a request is answered, keeps it for `explain`, and returns what `Cache-Status` says of it. */
export function remember(x: Answered, edge: Edge, status: number, outcome: CacheOutcome): string {
  const member = cacheStatus(outcome);
  count(edge, outcome);
  const { trail, inbound, knownKey } = x;
  if (knownKey === undefined) return member;
  const at = edge.clock();
  const requestId = inbound.id;
  if (outcome.hit && outcome.detail === undefined) {
    edge.outcomes.noteHit(knownKey, { at, status, ttl: outcome.ttl, requestId });
  } else edge.outcomes.note(knownKey, { at, status, cacheStatus: member, trail, requestId });
  return isShownKey(x, edge) ? member + keyParameter(knownKey) : member;
}

/** The fields of this exchange alone: its id, and how long the edge took. */
export function ownFields({ inbound }: Exchange, { serverTiming }: Edge): string[] {
  return standardFields(inbound, serverTiming ? 'edge' : undefined);
}

// How keys are made is of use to those who want to poison a cache (RFC 9211 §4): trusted peers see it, and who may purge
// and asks for it.
function isShownKey({ inbound }: Answered, edge: Edge): boolean {
  if (inbound.peer.trusted) return true;
  const asked = field(inbound.fields, 'x-debug');
  return asked !== undefined && splitList(asked.toLowerCase()).includes('cache-key') && edge.purgeFrom(inbound.client);
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
  if (outcome.detail === 'stale-while-revalidate') counters.graceHits += 1;
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
      counters.synths += 1;
      break;
    default:
      counters.misses += 1;
  }
}
