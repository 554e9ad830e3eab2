import { andBehind, ask, type Row, type Table } from '../row.ts';

const H = 'Host: front.test';
const two = (line: string, ...fields: string[]) => andBehind(line, H, ...fields, '', '');
const closed = (status: number) => ({ status, fields: { Connection: 'close' } }) as const;
const stays = { status: [200, 200], body: 'f' } as const;
const ends = { status: 200, body: 'f' } as const;

const rows: readonly Row[] = [
  {
    of: 'A.1 #31',
    what: 'a target beyond the limit',
    bytes: two(`GET /${'x'.repeat(40_000)} HTTP/1.1`),
    ours: closed(414),
  },
  {
    of: 'A.1 #52',
    what: 'a field beyond the limit',
    bytes: two('GET /f.txt HTTP/1.1', `X: ${'x'.repeat(40_000)}`),
    ours: closed(431),
    nginx: { status: 400, why: 'nginx sends 400 with a page that says 431' },
    apache: { status: 400, why: 'Apache knows no 431' },
  },
  {
    of: 'A.1 #52',
    what: 'more fields than the limit',
    bytes: two('GET /f.txt HTTP/1.1', ...Array<string>(200).fill('X: a')),
    ours: closed(431),
    nginx: { ...stays, why: 'nginx 1.22 does not count fields' },
    apache: { status: 400, why: 'Apache knows no 431' },
  },
  {
    of: 'A.1 #51',
    what: 'content beyond the limit',
    bytes: andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 99999999999', '', ''),
    endsWriting: true,
    ours: closed(413),
    apache: { status: 400, why: 'Apache allows a gigabyte, and waits for it' },
  },
  { of: 'A.1 #49', what: 'a connection goes on behind an answer', bytes: two('GET /f.txt HTTP/1.1'), ours: stays },
  {
    of: 'A.1 #49',
    what: 'it goes on behind a 304',
    bytes: two('GET /f.txt HTTP/1.1', 'If-None-Match: *'),
    ours: { status: [304, 200] },
  },
  { of: 'A.1 #49', what: 'it goes on behind a HEAD', bytes: two('HEAD /f.txt HTTP/1.1'), ours: { status: [200, 200] } },
  {
    of: 'A.1 #49',
    what: 'it goes on behind a 404',
    bytes: two('GET /none.txt HTTP/1.1'),
    ours: { status: [404, 200] },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind a redirect',
    bytes: two('GET /sub HTTP/1.1'),
    ours: { status: [301, 200] },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind a 412',
    bytes: two('GET /f.txt HTTP/1.1', 'If-Match: "x"'),
    ours: { status: [412, 200] },
    nginx: { status: 412, why: 'nginx closes behind it' },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind a 416',
    bytes: two('GET /100.bin HTTP/1.1', 'Range: bytes=500-'),
    ours: { status: [416, 200] },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind several parts',
    bytes: two('GET /100.bin HTTP/1.1', 'Range: bytes=0-1,4-5'),
    ours: { status: [206, 200] },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind content that nobody wants',
    bytes: andBehind('POST /f.txt HTTP/1.1', H, 'Content-Length: 2', '', 'ab'),
    ours: { status: [405, 200] },
    apache: { ...stays, why: 'Apache answers a POST for a file as a GET' },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind chunks that nobody wants',
    bytes: andBehind('POST /f.txt HTTP/1.1', H, 'Transfer-Encoding: chunked', '', '2', 'ab', '0', '', ''),
    ours: { status: [405, 200] },
    apache: { ...stays, why: 'Apache answers a POST for a file as a GET' },
  },
  {
    of: 'A.1 #49',
    what: 'it goes on behind content of a GET',
    bytes: andBehind('GET /f.txt HTTP/1.1', H, 'Content-Length: 2', '', 'ab'),
    ours: stays,
  },
  {
    of: 'A.1 #49',
    what: 'it ends where the client says so',
    bytes: `${ask('GET', '/f.txt')}${ask('GET', '/f.txt')}`,
    ours: { ...ends, fields: { Connection: 'close' } },
  },
  { of: 'A.1 #49', what: 'it ends behind HTTP/1.0', bytes: andBehind('GET /f.txt HTTP/1.0', H, '', ''), ours: ends },
  {
    of: 'A.1 #49',
    what: 'HTTP/1.0 may ask for it to go on',
    bytes: andBehind('GET /f.txt HTTP/1.0', H, 'Connection: keep-alive', '', ''),
    ours: { ...stays, fields: { Connection: /^keep-alive$/i } },
  },
  { of: 'A.1 #49', what: 'close among others', bytes: two('GET /f.txt HTTP/1.1', 'Connection: x, CLOSE'), ours: ends },
  { of: 'A.1 #49', what: 'an empty line before a request', bytes: `\r\n${two('GET /f.txt HTTP/1.1')}`, ours: stays },
  {
    of: 'A.1 #61',
    what: '100 comes where content is wanted',
    bytes: andBehind('POST /api/x HTTP/1.1', H, 'Expect: 100-continue', 'Content-Length: 2', '', 'ab'),
    ours: { status: [200, 200] },
  },
  {
    of: 'A.1 #61',
    what: 'what else is expected',
    bytes: two('GET /f.txt HTTP/1.1', 'Expect: tea'),
    ours: closed(417),
    nginx: { ...stays, why: 'nginx does not look at it' },
    apache: { status: 417, why: 'Apache closes without saying so' },
  },
];

export const limits: Table = { about: 'limits, and connections that go on or end', rows };
