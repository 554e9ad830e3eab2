import { type DestinationStream, type Logger, pino } from 'pino';
import type { Tier } from '../semantics/fault.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { combinedLine, parseLine, prettyLine } from './log-lines.ts';

export type Log = Logger;
export type LogFormat = 'json' | 'pretty' | 'combined';

export type OpenLog = {
  readonly log: Log;
  /** One JSON line that is written whatever the level and the format are: programs wait for it. */
  announce(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Resolves once all lines are written; what is logged afterwards is lost. */
  close(): Promise<void>;
};

/** Opens the log of a tier on standard output. */
export function openLog(options: { tier: Tier; level: string; format: LogFormat }): OpenLog {
  const stdout = pino.destination({ fd: 1, sync: false });
  const over = new Promise<void>((resolve) => {
    stdout.once('close', resolve);
    // Nobody reads any more, or the disk is full: no reason to stop serving, and nothing is left to wait for.
    stdout.on('error', () => resolve());
  });
  const log = pino(
    {
      level: options.level,
      base: { tier: options.tier },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { fault: faultSerializer },
    },
    formatted(options.format, stdout),
  );
  return {
    log,
    announce: (message, fields) => {
      stdout.write(
        `${JSON.stringify({ level: 'info', time: Date.now(), tier: options.tier, msg: message, ...fields })}\n`,
      );
    },
    close: async () => {
      stdout.end();
      // Nobody who logs this late shall fail for it.
      stdout.write = () => true;
      await over;
    },
  };
}

function formatted(format: LogFormat, stdout: DestinationStream): DestinationStream {
  if (format === 'json') return stdout;
  const shape = format === 'pretty' ? prettyLine : combinedLine;
  return {
    write: (line) => {
      const record = parseLine(line);
      stdout.write(record ? `${shape(record)}\n` : line);
    },
  };
}

function faultSerializer(fault: unknown): unknown {
  if (!(fault instanceof Error)) return fault;
  const reason = 'reason' in fault ? fault.reason : fault.name;
  const cause = fault.cause instanceof Error ? fault.cause.message : fault.cause;
  return { reason, message: fault.message, ...(cause === undefined ? {} : { cause }) };
}

/** One line per exchange. error: someone must act (our own fault); warn: another's fault, which we answered for. */
export function logExchange(log: Log, record: ExchangeRecord): void {
  const blame = record.fault?.blame;
  if (blame === 'self') log.error({ ...record, err: record.fault }, 'exchange');
  else if (blame === 'upstream') log.warn(record, 'exchange');
  else log.info(record, 'exchange');
}
