import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatHttpDate, parseHttpDate } from './date.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
const example = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('valid dates', () => {
  const table: [text: string, ms: number][] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['Sun Nov  6 08:49:37 1994', example],
    ['Sun Nov 06 08:49:37 1994', example],
    ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    [' \tSun, 06 Nov 1994 08:49:37 GMT ', example],
    ['SUN, 06 nOV 1994 08:49:37 gmt', example],
    ['Mon, 06 Nov 1994 08:49:37 GMT', example],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wed, 31 Dec 1969 23:59:59 GMT', -1000],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['Tue, 29 Feb 2000 00:00:00 GMT', Date.UTC(2000, 1, 29)],
    ['Tue, 29 Feb 2028 00:00:00 GMT', Date.UTC(2028, 1, 29)],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['Sat, 01 Jan 0000 00:00:00 GMT', -62167219200000],
    ['Fri, 31 Dec 0099 00:00:00 GMT', -59011545600000],
  ];
  for (const [text, ms] of table) {
    test(`${text} is ${ms}`, () => assert.equal(parseHttpDate(text), ms));
  }
});

describe('what is no date', () => {
  const table = [
    '',
    '0',
    '-1',
    'now',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Thu, 01 Jan 1970 00:00:00 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 GMT x',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun,  06 Nov 1994 08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    '06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08.49.37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Wed, 29 Feb 1900 00:00:00 GMT',
    'Sun, 06 November 1994 08:49:37 GMT',
    'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 19940 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 31-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sun Nov  0 08:49:37 1994',
    'Sun, ٠٦ Nov 1994 08:49:37 GMT',
  ];
  for (const text of table) {
    test(`${JSON.stringify(text)} is no date`, () => assert.equal(parseHttpDate(text, example), undefined));
  }
});

describe('two-digit years', () => {
  const table: [text: string, now: string, year: number][] = [
    ['Sunday, 06-Nov-94 08:49:37 GMT', '2026-08-01', 1994],
    ['Friday, 06-Nov-26 08:49:37 GMT', '2026-08-01', 2026],
    ['Friday, 06-Nov-70 08:49:37 GMT', '2026-08-01', 2070],
    ['Friday, 31-Jul-76 23:59:59 GMT', '2026-08-01', 2076],
    ['Friday, 01-Aug-76 00:00:00 GMT', '2026-08-01', 2076],
    ['Friday, 01-Aug-76 00:00:01 GMT', '2026-08-01', 1976],
    ['Friday, 06-Nov-76 00:00:00 GMT', '2026-08-01', 1976],
    ['Friday, 06-Nov-77 00:00:00 GMT', '2026-08-01', 1977],
    ['Saturday, 01-Jan-00 00:00:00 GMT', '1999-12-31', 2000],
    ['Friday, 31-Dec-99 00:00:00 GMT', '2051-01-01', 2099],
    ['Tuesday, 29-Feb-00 00:00:00 GMT', '2026-08-01', 2000],
  ];
  for (const [text, now, year] of table) {
    test(`${text} read on ${now} is in ${year}`, () => {
      assert.equal(new Date(parseHttpDate(text, Date.parse(now)) ?? 0).getUTCFullYear(), year);
    });
  }

  test('without a clock 68 is 2068 and 69 is 1969', () => {
    assert.equal(parseHttpDate('Sunday, 01-Jan-68 00:00:00 GMT'), Date.UTC(2068, 0, 1));
    assert.equal(parseHttpDate('Sunday, 01-Jan-69 00:00:00 GMT'), Date.UTC(1969, 0, 1));
  });
});

const seconds = fc.integer({ min: -62167219200, max: 253402300799 });

test('what is written is read back, fractions of a second cut off', () => {
  assert.equal(formatHttpDate(example + 999), 'Sun, 06 Nov 1994 08:49:37 GMT');
  fc.assert(fc.property(seconds, (s) => assert.equal(parseHttpDate(formatHttpDate(s * 1000)), s * 1000)));
});

test('[case 35] an RFC 850 date within 50 years of now is read back', () => {
  const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const now = fc.integer({ min: 0, max: 4102444800 });
  const ahead = fc.integer({ min: -49 * 365 * 86400, max: 49 * 365 * 86400 });
  fc.assert(
    fc.property(now, ahead, (now, ahead) => {
      const date = new Date((now + ahead) * 1000);
      const [, day, month, year, time] = date.toUTCString().split(' ');
      const text = `${days[date.getUTCDay()]}, ${day}-${month}-${year?.slice(2)} ${time} GMT`;
      assert.equal(parseHttpDate(text, now * 1000), date.getTime());
    }),
  );
});

test('no string makes the date parser throw', () => {
  const pieces = fc.constantFrom(
    'Sun',
    ', ',
    'Sunday',
    '06',
    '-',
    'Nov',
    ' ',
    '94',
    '1994',
    '08:49:37',
    'GMT',
    '31',
    'Feb',
  );
  const noise = fc.oneof(
    fc.string({ unit: character }),
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(noise, (text) => {
      const ms = parseHttpDate(text, example);
      assert.ok(ms === undefined || Number.isSafeInteger(ms));
    }),
    { numRuns: 300 },
  );
});
