import { pino } from 'pino';
import type { Log } from '../process/log.ts';

/** A log that keeps nothing, for tests that do not read it. */
export const silentLog: Log = pino({ level: 'silent' });
