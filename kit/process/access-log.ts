/** One line per exchange: which ones get a line, and how the line is made without a detour over the logger. */
import type { Fault } from '../semantics/fault.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { LogFormat } from './log.ts';
import { combinedLine, prettyLine } from './log-lines.ts';
import type { Skips } from './log-skip.ts';

/** What writes the lines of exchanges. */
export type AccessLog = {
  /** Has its format use for `heads` of a record? */
  readonly needsHeads: boolean;
  /**
   * Whether an exchange that ends like this gets its line; `target`: path and query. Each answer counts for the sampling: it
   * is to be asked once per exchange, before a record is made for the log alone.
   */
  wants(target: string, status: number, fault?: Fault): boolean;
  /** Writes the line of one that was wanted. */
  write(record: ExchangeRecord): void;
  /** Both, for an exchange whose record is there anyway. */
  exchange(record: ExchangeRecord): void;
};

export type AccessLogOptions = {
  readonly tier: string;
  /** Its number, in a process that is one of several. */
  readonly worker?: number | undefined;
  readonly format: LogFormat;
  /** Of exchanges that went well one in so many gets its line, the first one first. */
  readonly sample: number;
  /** Which targets get no line, but for what broke or was answered with 500 or more. */
  readonly skips: Skips;
  /** Least level that is logged is `info` or below. */
  readonly isInfoWanted: boolean;
  /** Writes a line of an exchange that went well, with its line feed. */
  put(line: string): void;
  /** Logs what broke, in full and at the level that it deserves. */
  broken(record: ExchangeRecord): void;
};

/** Opens it. What broke, or was answered with 500 or more, is never left out by sampling or skipping. */
export function openAccessLog(options: AccessLogOptions): AccessLog {
  const { sample, skips, isInfoWanted, put, broken } = options;
  const line = lineOf(options);
  let skipped = sample;
  const isInSample = () => {
    if (sample === 1) return true;
    skipped += 1;
    if (skipped <= sample) return false;
    skipped = 1;
    return true;
  };
  const wants = (target: string, status: number, fault?: Fault) => {
    if (fault !== undefined) return true;
    if (!isInfoWanted) return false;
    return status >= 500 || (!skips(target) && isInSample());
  };
  const write = (record: ExchangeRecord) => {
    if (record.fault === undefined) put(line(record));
    else broken(record);
  };
  return {
    needsHeads: typeof options.format === 'object' && options.format.needsHeads,
    wants,
    write,
    exchange: (record) => {
      if (wants(record.target, record.status, record.fault)) write(record);
    },
  };
}

function lineOf({ tier, worker, format, sample }: AccessLogOptions): (record: ExchangeRecord) => string {
  // For who adds up lines: this one stands for so many.
  const weightOf = ({ status }: ExchangeRecord) => (sample > 1 && status < 500 ? sample : undefined);
  const whole = (record: ExchangeRecord) => ({
    level: 'info',
    time: Date.now(),
    tier,
    worker,
    ...record,
    sample: weightOf(record),
    msg: 'exchange',
  });
  if (typeof format === 'object') {
    return (record) => `${format.line({ record, at: Date.now(), pid: process.pid })}\n`;
  }
  switch (format) {
    case 'json':
      return (record) => `${JSON.stringify(whole(record))}\n`;
    case 'pretty':
      return (record) => `${prettyLine(whole(record))}\n`;
    case 'combined':
      return (record) => `${combinedLine(whole(record))}\n`;
  }
}
