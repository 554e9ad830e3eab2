/** How one log record (a JSON line of pino) reads in the other log formats. Pure: text in, text out. */

import type { AccessFormat } from './access-format.ts';
import type { ExchangeRecord } from './exchange-record.ts';

type LogRecord = Readonly<Record<string, unknown>>;

/** The record of a JSON line, or undefined when the line is something else. */
export function parseLine(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as LogRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isExchange(record: LogRecord): boolean {
  return record.msg === 'exchange';
}

function timeOf(record: LogRecord): Date {
  return new Date(typeof record.time === 'number' ? record.time : 0);
}

const said = new Set(['level', 'time', 'pid', 'hostname', 'tier', 'msg', 'err']);
const saidOfExchanges = new Set([
  ...said,
  'method',
  'target',
  'status',
  'ms',
  'host',
  'version',
  'userAgent',
  'referer',
]);

function rest(record: LogRecord, known: ReadonlySet<string>): string {
  return Object.entries(record)
    .filter(([name, value]) => !known.has(name) && value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}

/** One line for people: `12:00:00.000 info  GET /env 200 3ms trail=…`. Control characters cannot break it. */
export function prettyLine(record: LogRecord): string {
  const time = timeOf(record).toISOString().slice(11, 23);
  const level = String(record.level ?? 'info').padEnd(5);
  const text = isExchange(record)
    ? `${record.method} ${record.target} ${record.status} ${record.ms}ms${rest(record, saidOfExchanges)}`
    : `${record.msg ?? ''}${rest(record, said)}${problem(record.err)}`;
  return `${time} ${level} ${text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')}`;
}

function problem(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return '';
  return ` (${String(error.message)})`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function commonLogTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

function quoted(value: unknown): string {
  return `"${String(value ?? '-').replace(/["\\\p{Cc}]/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

/** The combined log format of Apache and nginx; lines that are no exchange read as in the pretty format. */
export function combinedLine(record: LogRecord): string {
  if (!isExchange(record)) return prettyLine(record);
  const request = `${record.method} ${record.target} HTTP/${record.version}`;
  return [
    record.client,
    '- -',
    `[${commonLogTime(timeOf(record))}]`,
    quoted(request),
    record.status,
    record.bytes,
    quoted(record.referer),
    quoted(record.userAgent),
  ].join(' ');
}

/** A format with atoms; lines that are no exchange read as in the pretty format. */
export function formattedLine(format: AccessFormat, record: LogRecord): string {
  if (!isExchange(record)) return prettyLine(record);
  const at = typeof record.time === 'number' ? record.time : 0;
  return format.line({ record: record as ExchangeRecord & LogRecord, at, pid: process.pid });
}
