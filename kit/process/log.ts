import { type DestinationStream, type Logger, pino } from 'pino';
import type { Tier } from '../semantics/fault.ts';
import type { AccessFormat } from './access-format.ts';
import { type AccessLog, openAccessLog } from './access-log.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { type LineOutlet, LineWriter } from './line-writer.ts';
import { LogFile } from './log-file.ts';
import { combinedLine, formattedLine, parseLine, prettyLine } from './log-lines.ts';
import type { Skips } from './log-skip.ts';
import { standardOutput } from './standard-output.ts';

export type Log = Logger;

/** Where there is nobody to read one: a check that ends with its verdict. */
export const noLog: Log = pino({ level: 'silent' });

/** Lines of JSON on standard error, for what runs inside somebody else's process. */
export function logToStderr(): Log {
  return pino({ level: 'info' }, pino.destination({ fd: 2, sync: true }));
}

export type LogFormat = 'json' | 'pretty' | 'combined' | AccessFormat;

export type OpenLog = {
  readonly log: Log;
  /** Where finished exchanges get their lines. */
  readonly accessLog: AccessLog;
  /** One JSON line that is written, to standard output too, whatever the level and the format are: programs wait for it. */
  announce(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Writes a line of JSON that another process has logged, in the form of this log. */
  relay(line: string): void;
  /** Lines that were lost because nobody took those before them. */
  lost(): number;
  /** Goes on in the file that has the name of the log now; where that cannot be opened, in the one before. */
  reopen(): void;
  /** Resolves once all lines are written, or nobody has taken them for too long; what is logged afterwards is lost. */
  close(): Promise<void>;
};

export type LogOptions = {
  readonly tier: Tier;
  readonly level: string;
  readonly format: LogFormat;
  /** Bytes of lines that may wait for a reader; beyond, lines are lost. */
  readonly buffer: number;
  /** Of exchanges that went well one in so many is logged. */
  readonly sample: number;
  /** Of which targets none is, unless it broke. */
  readonly skips?: Skips;
  /** Path of the file that gets the log; empty: standard output does. */
  readonly file?: string;
  /** Its number, in a process that is one of several. */
  readonly worker?: number | undefined;
};

/** Who takes no line for so long at the end, in milliseconds, gets none any more. */
const CLOSE_MS = 2_000;

/** Opens the log of a tier. @throws StartProblem when its file cannot be */
export function openLog(options: LogOptions): OpenLog {
  const { tier, level, format, buffer, sample, skips = () => false, file = '', worker } = options;
  const own = { tier, ...(worker === undefined ? {} : { worker }) };
  const json = (level: string, msg: string, fields: object) =>
    `${JSON.stringify({ level, time: Date.now(), ...own, msg, ...fields })}\n`;
  const report = (lost: number) => json('warn', `${lost} lines of this log were lost: nobody took them`, { lost });
  const writing = (outlet: LineOutlet) => new LineWriter({ outlet, most: buffer, report });
  const logFile = file === '' ? undefined : new LogFile(file);
  const output = writing(standardOutput());
  const writer = logFile ? writing(logFile) : output;
  const writers = new Set([writer, output]);
  const flushNow = () => {
    for (const each of writers) each.flushNow();
  };
  process.once('exit', flushNow);
  // What is no exchange is read by somebody who waits for it.
  const soon = (line: string, to = writer) => {
    to.write(line);
    to.flush();
  };
  const log = pino(
    {
      level,
      base: own,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { fault: faultSerializer },
    },
    formatted(format, { write: (line) => soon(line) }),
  );
  const put = (line: string) => writer.write(line);
  const relayed = formatted(format, { write: put });
  const broken = (record: ExchangeRecord) => logExchange(log, record);
  return {
    log,
    accessLog: openAccessLog({
      ...{ tier, worker, format, sample, skips, put, broken },
      isInfoWanted: log.isLevelEnabled('info'),
    }),
    announce: (message, fields) => {
      const line = json('info', message, fields);
      for (const each of writers) soon(line, each);
    },
    relay: (line) => relayed.write(`${line}\n`),
    reopen: () => {
      writer.flush();
      reopen(logFile, log);
    },
    lost: () => writer.lost,
    close: async () => {
      await Promise.all(Array.from(writers, (each) => each.close(CLOSE_MS)));
      process.off('exit', flushNow);
    },
  };
}

function reopen(file: LogFile | undefined, log: Log): void {
  try {
    file?.reopen();
    log.debug('the file of the log was opened anew');
  } catch (error) {
    log.error({ err: error }, 'the log goes on in the file of before');
  }
}

function formatted(format: LogFormat, outlet: DestinationStream): DestinationStream {
  if (format === 'json') return outlet;
  const shape = shapeOf(format);
  return {
    write: (line) => {
      const record = parseLine(line);
      outlet.write(record ? `${shape(record)}\n` : line);
    },
  };
}

function shapeOf(format: Exclude<LogFormat, 'json'>): (record: Readonly<Record<string, unknown>>) => string {
  if (format === 'pretty') return prettyLine;
  return format === 'combined' ? combinedLine : (record) => formattedLine(format, record);
}

function faultSerializer(fault: unknown): unknown {
  if (!(fault instanceof Error)) return fault;
  const reason = 'reason' in fault ? fault.reason : fault.name;
  const cause = fault.cause instanceof Error ? fault.cause.message : fault.cause;
  return { reason, message: fault.message, ...(cause === undefined ? {} : { cause }) };
}

/** One line per exchange. error: someone must act (our own fault); warn: another's fault, which we answered for. */
export function logExchange(log: Log, record: ExchangeRecord): void {
  if (record.isToldElsewhere) return;
  const blame = record.fault?.blame;
  if (blame === 'self') log.error({ ...record, err: record.fault }, 'exchange');
  else if (blame === 'upstream') log.warn(record, 'exchange');
  else log.info(record, 'exchange');
}
