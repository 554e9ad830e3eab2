import { ask, get, type Row, type Table } from '../row.ts';
import { huge, hundred } from '../site.ts';

const part = (first: number, last: number) => ({
  status: 206,
  body: hundred.slice(first, last + 1),
  fields: {
    'Content-Range': `bytes ${first}-${last}/100`,
    'Content-Length': String(last - first + 1),
  },
});

const single = (value: string, first: number, last: number): Row => ({
  ...{ of: 'A.1 #10', what: value, bytes: get('/100.bin', `Range: ${value}`) },
  ours: {
    ...part(first, last),
    fields: { ...part(first, last).fields, 'Content-Type': 'application/octet-stream' },
  },
  apache: {
    ...{ ...part(first, last), fields: { ...part(first, last).fields, 'Content-Type': null } },
    why: 'Apache names no type for a name that it does not know',
  },
});

const whole = { status: 200, body: hundred, fields: { 'Content-Range': null, 'Content-Length': '100' } } as const;
const unsatisfiable = { status: 416, fields: { 'Content-Range': 'bytes */100' } } as const;

const empty = { status: 200, body: '', fields: { 'Content-Length': '0', 'Content-Range': null } } as const;

const noBlanks = 'Apache reads no blanks in it; RFC 9110 §5.6.1 lets a list have them';
const forHead = 'RFC 9110 §14.2 defines ranges for GET alone';
const unlimited = 'takes as many as there are';
const nginxApart = {
  status: 206,
  fields: { 'Content-Type': /^multipart/ },
  why: 'nginx sends overlapping parts as they were asked for; RFC 9110 §15.3.7.2 lets them be one',
} as const;

const bad = (value: string): Row => ({
  ...{ of: 'A.1 #12', what: `${value} is no range`, bytes: get('/100.bin', `Range: ${value}`) },
  ours: whole,
  nginx: { ...unsatisfiable, why: 'nginx refuses what it cannot read; RFC 9110 §14.2 has it ignored' },
});

const sixteen = Array.from({ length: 16 }, (_, i) => `${i * 6}-${i * 6}`).join();
const seventeen = Array.from({ length: 17 }, (_, i) => `${i * 5}-${i * 5}`).join();

/** The body of two parts. Apache writes the type in small letters only when it has one. */
const parts = (...ranges: readonly (readonly [number, number])[]) =>
  new RegExp(
    `^(?:\\r\\n)?${ranges.map(([first, last]) => `--\\S+\\r\\n(?:Content-Type: application/octet-stream\\r\\n)?Content-range: bytes ${first}-${last}/100\\r\\n\\r\\n${hundred.slice(first, last + 1)}\\r\\n`).join('')}--\\S+--\\r\\n$`,
    'i',
  );

const several = (value: string, ...ranges: readonly (readonly [number, number])[]): Row => ({
  ...{ of: 'A.1 #11', what: value.slice(0, 60), bytes: get('/100.bin', `Range: bytes=${value}`) },
  ours: {
    status: 206,
    fields: { 'Content-Type': /^multipart\/byteranges; boundary=\S+$/, 'Content-Range': null },
    body: parts(...ranges),
  },
});

const rows: readonly Row[] = [
  single('bytes=0-0', 0, 0),
  single('bytes=0-9', 0, 9),
  single('bytes=95-', 95, 99),
  single('bytes=95-200', 95, 99),
  single('bytes=-5', 95, 99),
  single('bytes=-500', 0, 99),
  single('bytes=0-', 0, 99),
  single('bytes=000-001', 0, 1),
  { ...single('bytes= 0-1', 0, 1), what: 'blanks around a range', apache: { ...whole, why: noBlanks } },
  {
    ...single('Bytes=0-1', 0, 1),
    what: 'the unit in capitals',
  },
  {
    ...{ of: 'A.1 #10', what: 'behind the end', bytes: get('/100.bin', 'Range: bytes=100-') },
    ours: unsatisfiable,
    apache: { status: 416, fields: { 'Content-Range': null }, why: 'Apache does not tell the length' },
  },
  {
    of: 'A.1 #10',
    what: 'far behind the end',
    bytes: get('/100.bin', 'Range: bytes=18446744073709551616-'),
    ours: unsatisfiable,
    apache: { ...whole, why: 'Apache ignores what it cannot count' },
  },
  {
    of: 'A.1 #10',
    what: 'the last none',
    bytes: get('/100.bin', 'Range: bytes=-0'),
    ours: unsatisfiable,
    apache: {
      ...whole,
      why: 'Apache takes it for an error, to be ignored; RFC 9110 §14.1.2 says that it cannot be satisfied',
    },
  },
  { of: 'A.1 #10', what: 'of an empty file', bytes: get('/empty.txt', 'Range: bytes=0-0'), ours: empty },
  {
    of: 'A.1 #10',
    what: 'the last of an empty file',
    bytes: get('/empty.txt', 'Range: bytes=-1'),
    ours: empty,
  },
  {
    of: 'A.1 #10',
    what: 'for HEAD',
    bytes: ask('HEAD', '/100.bin', 'Range: bytes=0-1'),
    ours: { status: 200, fields: { 'Content-Length': '100' } },
    nginx: { status: 206, why: forHead },
    apache: { status: 206, why: forHead },
  },
  { of: 'A.1 #10', what: 'of what is not there', bytes: get('/none.bin', 'Range: bytes=0-1'), ours: { status: 404 } },
  { of: 'A.1 #10', what: 'of a redirect', bytes: get('/sub', 'Range: bytes=0-1'), ours: { status: 301 } },
  {
    of: 'A.1 #10',
    what: 'a file tells that it has ranges',
    bytes: get('/100.bin'),
    ours: { ...whole, fields: { 'Accept-Ranges': 'bytes' } },
  },
  {
    ...{ of: 'A.1 #10', what: 'beyond four gibibytes' },
    bytes: get('/huge.bin', 'Range: bytes=4294967296-4294967297'),
    ours: { status: 206, body: '\0\0', fields: { 'Content-Range': `bytes 4294967296-4294967297/${huge}` } },
  },
  {
    ...{ of: 'A.1 #10', what: 'the last of a long file' },
    bytes: get('/huge.bin', 'Range: bytes=-1'),
    ours: { status: 206, body: '\0', fields: { 'Content-Range': `bytes ${huge - 1}-${huge - 1}/${huge}` } },
  },
  bad('bytes=5-4'),
  bad('bytes=abc'),
  bad('bytes=1'),
  { ...bad('bytes='), nginx: { ...whole, why: 'nginx ignores what is too short to be one' } },
  bad('bytes=--1'),
  bad('bytes=0-1-2'),
  bad('bytes=0x0-1'),
  bad('bytes=0-1,a'),
  { ...bad('lines=0-1'), what: 'a unit that nobody knows', nginx: { ...whole, why: 'as ours' } },
  several('0-1,4-5', [0, 1], [4, 5]),
  several('-1,0-1', [99, 99], [0, 1]),
  { ...several('0-1, 500-, 4-5', [0, 1], [4, 5]), apache: { ...whole, why: noBlanks } },
  several('0-1,500-,4-5', [0, 1], [4, 5]),
  several(sixteen, ...Array.from({ length: 16 }, (_, i) => [i * 6, i * 6] as const)),
  {
    of: 'A.1 #11',
    what: '17 parts',
    bytes: get('/100.bin', `Range: bytes=${seventeen}`),
    ours: whole,
    nginx: { status: 206, why: unlimited },
    apache: { status: 206, why: unlimited },
  },
  {
    of: 'A.1 #11',
    what: 'one of two exists',
    bytes: get('/100.bin', 'Range: bytes=0-1,500-'),
    ours: { status: 206, body: '0a', fields: { 'Content-Range': 'bytes 0-1/100' } },
  },
  {
    of: 'A.1 #11',
    what: 'none of two exists',
    bytes: get('/100.bin', 'Range: bytes=500-,600-'),
    ours: unsatisfiable,
    apache: { status: 416, fields: { 'Content-Range': null }, why: 'Apache does not tell the length' },
  },
  {
    of: 'A.1 #11',
    what: 'overlapping',
    bytes: get('/100.bin', 'Range: bytes=0-5,3-9'),
    ours: part(0, 9),
    nginx: nginxApart,
  },
  {
    of: 'A.1 #11',
    what: 'touching',
    bytes: get('/100.bin', 'Range: bytes=0-4,5-9'),
    ours: part(0, 9),
    nginx: nginxApart,
  },
  {
    of: 'A.1 #11',
    what: 'overlapping, backwards',
    bytes: get('/100.bin', 'Range: bytes=3-9,0-5'),
    ours: part(0, 9),
    nginx: nginxApart,
  },
  {
    of: 'A.1 #11',
    what: 'in two lines',
    bytes: get('/100.bin', 'Range: bytes=0-1', 'Range: bytes=4-5'),
    ours: whole,
    nginx: { status: 206, why: 'nginx takes the first' },
  },
  {
    of: 'A.1 #11',
    what: 'more than the file in all',
    bytes: get('/100.bin', 'Range: bytes=0-,0-'),
    ours: whole,
    apache: { status: 206, why: 'Apache puts them together' },
  },
];

export const ranges: Table = { about: 'ranges', rows };
