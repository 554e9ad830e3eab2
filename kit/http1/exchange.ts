import type { ServerResponse } from 'node:http';
import type { ExchangeNote, ExchangeRecord } from '../process/exchange-record.ts';
import type { Fault } from '../semantics/fault.ts';
import { field } from '../semantics/fields.ts';
import { noted } from './answer.ts';
import type { HeadsOf } from './answer-heads.ts';
import type { Inbound } from './inbound.ts';
import type { UpgradeEnd } from './upgrade.ts';

/** What becomes the log line and the metrics of an exchange whose response has closed. `bytes` is what was written. */
export function exchangeRecord(
  inbound: Inbound,
  response: ServerResponse,
  bytes: number,
  headsOf?: HeadsOf,
): ExchangeRecord {
  const extra = noted(response);
  const outcome = outcomeOf(response, extra?.fault);
  const status = response.headersSent ? response.statusCode : 499;
  const record = recordOf(inbound, { status, bytes, ms: performance.now() - inbound.receivedAt, outcome }, extra);
  return headsOf === undefined ? record : { ...record, heads: headsOf(bytes) };
}

/** The same for an answer of which all is known already. */
export function recordOf(
  inbound: Inbound,
  { status, bytes, ms, outcome }: Pick<ExchangeRecord, 'status' | 'bytes' | 'ms' | 'outcome'>,
  extra: ExchangeNote | undefined,
): ExchangeRecord {
  return { ...requestPart(inbound, ms), status, bytes, outcome, ...extra };
}

/** The same for an upgraded connection that has ended. */
export function upgradeRecord(inbound: Inbound, end: UpgradeEnd, bytes: number): ExchangeRecord {
  const { status, outcome, fault } = end;
  return { ...requestPart(inbound, performance.now() - inbound.receivedAt), status, bytes, outcome, fault };
}

/** The same for bytes that never became a request. */
export function refusedRecord(client: string, fault: Fault, id: string, bytes: number): ExchangeRecord {
  const unknown = { method: '-', target: '-', host: '-', version: '1.1', ms: 0 };
  const isToldElsewhere = fault.reason === 'too-many-connections' || undefined;
  return { id, client, ...unknown, status: fault.status, bytes, outcome: 'done', fault, isToldElsewhere };
}

function requestPart(inbound: Inbound, ms: number) {
  return {
    id: inbound.id,
    client: inbound.client,
    method: inbound.method,
    target: inbound.target,
    host: inbound.host,
    version: inbound.version,
    ms: Math.round(ms * 100) / 100,
    referer: field(inbound.fields, 'referer'),
    userAgent: field(inbound.fields, 'user-agent'),
  };
}

function outcomeOf(response: ServerResponse, fault: Fault | undefined): ExchangeRecord['outcome'] {
  if (response.writableFinished) return 'done';
  return fault && fault.reason !== 'client-left' ? 'broken' : 'client-left';
}
