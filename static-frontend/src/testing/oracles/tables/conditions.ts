import { ask, get, type Row, type Table } from '../row.ts';
import { lastModified, secondAfter, secondBefore } from '../site.ts';

const future = 'Fri, 02 Jan 2099 03:04:05 GMT';

const whole = { status: 200, body: 'f' } as const;
const notModified = { status: 304, body: '' } as const;
const failed = { status: 412 } as const;

const exactly = { ...whole, why: 'nginx by default asks for the very date, not for one that is not earlier' };

/** Row by row what RFC 9110 §13.2.2 asks first: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since. */
const rows: readonly Row[] = [
  { of: 'A.1 #8', what: 'If-Match with the tag', bytes: get('/f.txt', 'If-Match: {etag /f.txt}'), ours: whole },
  { of: 'A.1 #8', what: 'If-Match *', bytes: get('/f.txt', 'If-Match: *'), ours: whole },
  {
    of: 'A.1 #8',
    what: 'If-Match with the tag among others',
    bytes: get('/f.txt', 'If-Match: "x", {etag /f.txt}'),
    ours: whole,
  },
  { of: 'A.1 #8', what: 'If-Match with another tag', bytes: get('/f.txt', 'If-Match: "x"'), ours: failed },
  {
    ...{ of: 'A.1 #8', what: 'If-Match with the tag as a weak one' },
    bytes: get('/f.txt', 'If-Match: W/{etag /f.txt}'),
    ours: failed,
  },
  {
    ...{ of: 'A.1 #8', what: 'If-Match * of what is not there' },
    bytes: get('/none.txt', 'If-Match: *'),
    ours: { status: 404 },
  },
  {
    of: 'A.1 #8',
    what: 'If-Unmodified-Since the change',
    bytes: get('/f.txt', `If-Unmodified-Since: ${lastModified}`),
    ours: whole,
  },
  {
    of: 'A.1 #8',
    what: 'If-Unmodified-Since before the change',
    bytes: get('/f.txt', `If-Unmodified-Since: ${secondBefore}`),
    ours: failed,
  },
  {
    of: 'A.1 #8',
    what: 'If-Unmodified-Since something that is no date',
    bytes: get('/f.txt', 'If-Unmodified-Since: yesterday'),
    ours: whole,
    nginx: { ...failed, why: 'nginx fails what it cannot read; RFC 9110 §13.1.4 has it ignored' },
  },
  {
    ...{ of: 'A.1 #8', what: 'If-Match holds: If-Unmodified-Since is not asked' },
    bytes: get('/f.txt', 'If-Match: {etag /f.txt}', `If-Unmodified-Since: ${secondBefore}`),
    ours: whole,
    nginx: { ...failed, why: 'nginx asks both; RFC 9110 §13.2.2 has the second only without the first' },
    apache: { ...failed, why: 'Apache asks both; RFC 9110 §13.2.2 has the second only without the first' },
  },
  {
    ...{ of: 'A.1 #8', what: 'If-Match fails before If-None-Match is asked' },
    bytes: get('/f.txt', 'If-Match: "x"', 'If-None-Match: {etag /f.txt}'),
    ours: failed,
  },
  {
    ...{ of: 'A.1 #8', what: 'If-Match holds, and If-None-Match says that it is known' },
    bytes: get('/f.txt', 'If-Match: *', 'If-None-Match: {etag /f.txt}'),
    ours: notModified,
  },
  { of: 'A.1 #8', what: 'If-Match fails for HEAD', bytes: ask('HEAD', '/f.txt', 'If-Match: "x"'), ours: failed },
  {
    of: 'A.1 #7',
    what: 'If-None-Match with the tag',
    bytes: get('/f.txt', 'If-None-Match: {etag /f.txt}'),
    ours: notModified,
  },
  {
    of: 'A.1 #7',
    what: 'If-None-Match with the tag as a weak one',
    bytes: get('/f.txt', 'If-None-Match: W/{etag /f.txt}'),
    ours: notModified,
  },
  { of: 'A.1 #7', what: 'If-None-Match *', bytes: get('/f.txt', 'If-None-Match: *'), ours: notModified },
  { of: 'A.1 #7', what: 'If-None-Match with another tag', bytes: get('/f.txt', 'If-None-Match: "x"'), ours: whole },
  {
    of: 'A.1 #7',
    what: 'If-None-Match with the tag among others',
    bytes: get('/f.txt', 'If-None-Match: "x", {etag /f.txt},'),
    ours: notModified,
  },
  {
    of: 'A.1 #7',
    what: 'If-None-Match in two lines',
    bytes: get('/f.txt', 'If-None-Match: "x"', 'If-None-Match: {etag /f.txt}'),
    ours: notModified,
    nginx: { status: 400, why: 'nginx takes one line; RFC 9110 §5.3 lets a list have several' },
  },
  { of: 'A.1 #7', what: 'If-None-Match without quotes', bytes: get('/f.txt', 'If-None-Match: x'), ours: whole },
  {
    of: 'A.1 #7',
    what: 'If-None-Match for HEAD',
    bytes: ask('HEAD', '/f.txt', 'If-None-Match: {etag /f.txt}'),
    ours: notModified,
  },
  {
    ...{ of: 'A.1 #7', what: 'another tag: an If-Modified-Since that would hold is not asked' },
    bytes: get('/f.txt', 'If-None-Match: "x"', `If-Modified-Since: ${lastModified}`),
    ours: whole,
  },
  {
    ...{ of: 'A.1 #7', what: 'the tag: an If-Modified-Since that would not hold is not asked' },
    bytes: get('/f.txt', 'If-None-Match: {etag /f.txt}', `If-Modified-Since: ${secondBefore}`),
    ours: notModified,
    nginx: { ...whole, why: 'nginx asks both; RFC 9110 §13.1.3 ignores the date beside a tag' },
    apache: { ...whole, why: 'Apache asks both; RFC 9110 §13.1.3 ignores the date beside a tag' },
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since the change',
    bytes: get('/f.txt', `If-Modified-Since: ${lastModified}`),
    ours: notModified,
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since before the change',
    bytes: get('/f.txt', `If-Modified-Since: ${secondBefore}`),
    ours: whole,
  },
  {
    ...{ of: 'A.1 #6', what: 'If-Modified-Since after the change' },
    bytes: get('/f.txt', `If-Modified-Since: ${secondAfter}`),
    ours: notModified,
    nginx: exactly,
  },
  {
    ...{ of: 'A.1 #6', what: 'If-Modified-Since a date to come' },
    bytes: get('/f.txt', `If-Modified-Since: ${future}`),
    ours: notModified,
    nginx: exactly,
    apache: { ...whole, why: 'Apache ignores a date to come, as RFC 2616 had it; RFC 9110 §13.1.3 does not' },
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since in the form of RFC 850',
    bytes: get('/f.txt', 'If-Modified-Since: Friday, 02-Jan-26 03:04:05 GMT'),
    ours: notModified,
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since in the form of asctime',
    bytes: get('/f.txt', 'If-Modified-Since: Fri Jan  2 03:04:05 2026'),
    ours: notModified,
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since something that is no date',
    bytes: get('/f.txt', 'If-Modified-Since: yesterday'),
    ours: whole,
  },
  {
    of: 'A.1 #6',
    what: 'If-Modified-Since for HEAD',
    bytes: ask('HEAD', '/f.txt', `If-Modified-Since: ${lastModified}`),
    ours: notModified,
  },
  {
    ...{ of: 'A.1 #6', what: 'a 304 has what identifies the file, and nothing about its content' },
    bytes: get('/f.txt', `If-Modified-Since: ${lastModified}`),
    ours: {
      ...notModified,
      fields: { ETag: /^"[^"]+"$/, 'Content-Length': null, Date: / GMT$/ },
      own: { 'Content-Type': null, 'Last-Modified': lastModified, Vary: 'Accept-Encoding' },
    },
  },
  {
    ...{ of: 'A.1 #9', what: 'If-Range with the tag' },
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Range: {etag /100.bin}'),
    ours: { status: 206, body: '0a' },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range with another tag',
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Range: "x"'),
    ours: { status: 200 },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range with the tag as a weak one',
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Range: W/{etag /100.bin}'),
    ours: { status: 200 },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range with the tag inside another',
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Range: xx{etag /100.bin}yy'),
    ours: { status: 200 },
  },
  {
    ...{ of: 'A.1 #9', what: 'If-Range with a list of tags, which it does not take' },
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Range: {etag /100.bin}, "x"'),
    ours: { status: 200 },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range the change',
    bytes: get('/100.bin', 'Range: bytes=0-1', `If-Range: ${lastModified}`),
    ours: { status: 206, body: '0a' },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range after the change',
    bytes: get('/100.bin', 'Range: bytes=0-1', `If-Range: ${secondAfter}`),
    ours: { status: 200 },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range before the change',
    bytes: get('/100.bin', 'Range: bytes=0-1', `If-Range: ${secondBefore}`),
    ours: { status: 200 },
  },
  {
    of: 'A.1 #9',
    what: 'If-Range without Range',
    bytes: get('/100.bin', 'If-Range: {etag /100.bin}'),
    ours: { status: 200 },
  },
  {
    ...{ of: 'A.1 #9', what: 'If-Range fails: a range that could not be satisfied is no error' },
    bytes: get('/100.bin', 'Range: bytes=500-', 'If-Range: "x"'),
    ours: { status: 200 },
  },
  {
    ...{ of: 'A.1 #9', what: 'If-None-Match comes before Range' },
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-None-Match: {etag /100.bin}'),
    ours: notModified,
  },
  {
    ...{ of: 'A.1 #9', what: 'If-Match fails before Range' },
    bytes: get('/100.bin', 'Range: bytes=0-1', 'If-Match: "x"'),
    ours: failed,
  },
];

export const conditions: Table = { about: 'conditions', rows };
