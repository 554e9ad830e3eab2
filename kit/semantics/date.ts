/**
 * HTTP dates, in milliseconds since the epoch. All three forms of RFC 9110 §5.6.7 are read, upper and lower case alike as
 * RFC 9111 §4.2 asks of caches; only IMF-fixdate is written. Anything else is no date: a guess would decide what is fresh.
 * The day of the week is read but not held against the date.
 */
import { trimSpace } from './list.ts';

type Moment = { readonly year: number; readonly month: number; readonly day: number; readonly msOfDay: number };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const weekday = '(?:mon|tue|wed|thu|fri|sat|sun)';
const longWeekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
const month = `(?<month>${months.join('|')})`;
// Second 60 is a leap second: the grammar allows it, the epoch counts it as the next minute.
const time = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const imfFixdate = new RegExp(`^${weekday}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`, 'i');
const rfc850 = new RegExp(`^${longWeekday}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`, 'i');
const asctime = new RegExp(`^${weekday} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`, 'i');

/** Reads an HTTP date to milliseconds; `now` places RFC 850's two-digit years, without it 69–99 are 1969–1999. RFC 9110 §5.6.7. */
export function parseHttpDate(text: string, now?: number): number | undefined {
  const date = trimSpace(text);
  const moment = read(imfFixdate, date) ?? read(asctime, date);
  if (moment !== undefined) return instant(moment);
  const short = read(rfc850, date);
  return short === undefined ? undefined : instant({ ...short, year: fullYear(short, now) });
}

let lastSecond = Number.NaN;
let lastText = '';

/** Writes milliseconds as IMF-fixdate, dropping the fraction of a second. RFC 9110 §5.6.7. */
export function formatHttpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  // Most that is to be written is the present second.
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(ms).toUTCString();
  }
  return lastText;
}

function read(form: RegExp, date: string): Moment | undefined {
  const parts = form.exec(date)?.groups;
  if (parts === undefined) return undefined;
  const msOfDay = ((Number(parts.hour) * 60 + Number(parts.minute)) * 60 + Number(parts.second)) * 1000;
  const month = months.indexOf(parts.month?.toLowerCase() ?? '');
  return { year: Number(parts.year), month, day: Number(parts.day), msOfDay };
}

// The latest year with these digits that is at most 50 years ahead; without `now`, POSIX's pivot.
function fullYear(short: Moment, now: number | undefined): number {
  if (now === undefined) return short.year < 69 ? 2000 + short.year : 1900 + short.year;
  const limit = new Date(now);
  const limitYear = limit.getUTCFullYear() + 50;
  limit.setUTCFullYear(limitYear);
  const year = limitYear - (limitYear % 100) + short.year;
  return midnight({ ...short, year }).getTime() + short.msOfDay > limit.getTime() ? year - 100 : year;
}

function instant(moment: Moment): number | undefined {
  const start = midnight(moment);
  // A day that its month does not have has rolled over into another.
  return start.getUTCDate() === moment.day ? start.getTime() + moment.msOfDay : undefined;
}

function midnight({ year, month, day }: Moment): Date {
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  return date;
}
