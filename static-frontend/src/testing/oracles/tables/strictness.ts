import { andBehind, type Row, type Table } from '../row.ts';

const H = 'Host: front.test';
const behindChunks = ['', '2', 'ab', '0', '', ''];
const chunked = (line: string, ...more: string[]) =>
  andBehind('POST /api/x HTTP/1.1', H, line, ...more, ...behindChunks);
const chunks = (...lines: string[]) => andBehind('POST /api/x HTTP/1.1', H, 'Transfer-Encoding: chunked', '', ...lines);

/** The connection closes, and nothing that stands behind it is served. */
const closed = (status: number) => ({ status, fields: { Connection: 'close' } }) as const;
const refused = closed(400);

const row = (
  number: number,
  what: string,
  bytes: string,
  more: Omit<Partial<Row>, 'of' | 'what' | 'bytes'> = {},
): Row => ({
  ...{ of: `A.3 #${number}`, what, bytes, ours: refused },
  ...more,
});

const both = (status: Row['ours']['status'], why: string) => ({ status, why });
const served = [200, 200] as const;

const unknown = both(501, 'nginx knows chunked alone, and names all else unknown');
const malformed = both(400, 'Apache names every coding that it does not know malformed');
const broke = both(500, 'Apache says that it broke');

const rows: readonly Row[] = [
  row(1, 'Content-Length and Transfer-Encoding', chunked('Transfer-Encoding: chunked', 'Content-Length: 2'), {
    apache: { status: 200, why: 'Apache lets Transfer-Encoding win, and closes' },
  }),
  row(1, 'Transfer-Encoding and Content-Length', chunked('Content-Length: 2', 'Transfer-Encoding: chunked'), {
    apache: { status: 200, why: 'Apache lets Transfer-Encoding win, and closes' },
  }),
  row(2, 'two equal lengths', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 2', 'Content-Length: 2', '', 'ab')),
  row(2, 'two lengths', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 2', 'Content-Length: 3', '', 'ab')),
  row(2, 'two equal lengths in a line', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 2, 2', '', 'ab')),
  row(3, 'two hosts', andBehind('GET /f.txt HTTP/1.1', H, H, '', '')),
  row(3, 'two hosts on HTTP/1.0', andBehind('GET /f.txt HTTP/1.0', H, 'Host: b', '', '')),
  row(4, 'no host', andBehind('GET /f.txt HTTP/1.1', '', '')),
  row(4, 'no host, which HTTP/1.0 may leave out', andBehind('GET /f.txt HTTP/1.0', '', ''), {
    ours: { status: 200, body: 'f' },
  }),
  row(4, 'no host beside an absolute form', andBehind('GET http://other/f.txt HTTP/1.1', '', '')),
  row(4, 'an empty host', andBehind('GET /f.txt HTTP/1.1', 'Host:', '', ''), {}),
  row(5, 'a host with a path', andBehind('GET /f.txt HTTP/1.1', 'Host: a/b', '', '')),
  row(5, 'a host with a user', andBehind('GET /f.txt HTTP/1.1', 'Host: u@a', '', ''), {
    nginx: both(served, 'nginx takes nearly any host'),
  }),
  row(5, 'a host with a blank', andBehind('GET /f.txt HTTP/1.1', 'Host: a b', '', '')),
  row(5, 'a host with a port that is none', andBehind('GET /f.txt HTTP/1.1', 'Host: a:b', '', ''), {
    nginx: both(served, 'nginx does not look at a port'),
  }),
  row(6, 'gzip, chunked', chunked('Transfer-Encoding: gzip, chunked'), {
    ours: closed(501),
    apache: both(500, 'Apache says that it broke'),
  }),
  row(7, 'xchunked and a length', chunked('Transfer-Encoding: xchunked', 'Content-Length: 2'), { nginx: unknown }),
  row(7, 'xchunked', chunked('Transfer-Encoding: xchunked'), { ours: closed(501), apache: malformed }),
  row(7, 'identity', chunked('Transfer-Encoding: identity'), { ours: closed(501), apache: malformed }),
  row(8, 'an empty member before chunked', chunked('Transfer-Encoding: ,chunked'), { nginx: unknown, apache: broke }),
  row(8, 'chunked twice', chunked('Transfer-Encoding: chunked, chunked'), { nginx: unknown, apache: broke }),
  row(8, 'chunked in two lines', chunked('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), {
    apache: broke,
  }),
  row(8, 'chunked with a vertical tab', chunked('Transfer-Encoding: \x0bchunked'), { nginx: unknown }),
  row(
    8,
    'Transfer_Encoding beside a length',
    andBehind('POST /api/x HTTP/1.1', H, 'Transfer_Encoding: chunked', 'Content-Length: 2', '', 'ab'),
    { ours: { status: [200, 200] } },
  ),
  row(
    9,
    'Transfer-Encoding on HTTP/1.0',
    andBehind('POST /api/x HTTP/1.0', H, 'Transfer-Encoding: chunked', ...behindChunks),
    {
      apache: { status: 200, why: 'Apache reads the chunks, and closes' },
    },
  ),
  row(10, 'a folded field', andBehind('GET /f.txt HTTP/1.1', H, 'X: a', ' b', '', ''), {
    apache: both(served, 'Apache unfolds; RFC 9112 §5.2 lets a server do either'),
  }),
  row(10, 'a fold before the first field', andBehind('GET /f.txt HTTP/1.1', ` ${H}`, '', '')),
  row(11, 'a space before the colon', andBehind('GET /f.txt HTTP/1.1', 'Host : front.test', '', '')),
  row(11, 'a space before a colon further down', andBehind('GET /f.txt HTTP/1.1', H, 'X : a', '', '')),
  row(11, 'a field without a name', andBehind('GET /f.txt HTTP/1.1', H, ': a', '', '')),
  row(11, 'a line without a colon', andBehind('GET /f.txt HTTP/1.1', H, 'X', '', ''), {
    nginx: both(served, 'nginx passes over it'),
  }),
  row(12, 'line feeds alone', `GET /f.txt HTTP/1.1\n${H}\n\n${andBehind('')}`, {
    nginx: both(served, 'nginx takes them, as RFC 9112 §2.2 lets it; others do not, and two readers disagree'),
  }),
  row(12, 'one line feed alone', andBehind('GET /f.txt HTTP/1.1', `${H}\nX: a`, '', ''), {
    nginx: both(served, 'nginx takes them'),
  }),
  row(12, 'a carriage return alone', andBehind('GET /f.txt HTTP/1.1', `${H}\rX: a`, '', '')),
  row(13, 'a length with a sign', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: +2', '', 'ab')),
  row(13, 'a negative length', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: -2', '', 'ab')),
  row(13, 'a length in hexadecimal', andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 0x2', '', 'ab')),
  row(
    13,
    'a length beyond all numbers',
    andBehind('POST /api/x HTTP/1.1', H, 'Content-Length: 99999999999999999999', '', 'ab'),
  ),
  row(13, 'NUL in a value', andBehind('GET /f.txt HTTP/1.1', H, 'X: a\0b', '', '')),
  row(13, 'a control in a value', andBehind('GET /f.txt HTTP/1.1', H, 'X: a\x01b', '', ''), {
    nginx: both(served, 'nginx takes all but NUL'),
  }),
  row(14, 'a chunk size in C', chunks('0x2', 'ab', '0', '', '')),
  row(14, 'a chunk size with a sign', chunks('+2', 'ab', '0', '', '')),
  row(14, 'a chunk size that is none', chunks('x', 'ab', '0', '', '')),
  row(14, 'a chunk longer than it says', chunks('1', 'ab', '0', '', '')),
  row(14, 'a chunk size beyond all numbers', chunks('fffffffffffffffff', 'ab', '0', '', ''), {
    apache: both(413, 'Apache takes it for too large'),
  }),
  row(15, 'a line feed alone in a chunk extension', chunks('2;a\nb', 'ab', '0', '', ''), {
    endsWriting: true,
    nginx: both('nothing', 'nginx waits for the end of a size, and there is none'),
  }),
  row(15, 'a line feed alone behind a chunk size', chunks('2\nab', '0', '', ''), {
    nginx: both(served, 'nginx takes them'),
  }),
  row(15, 'a chunk extension', chunks('2;a=b;c="d"', 'ab', '0', '', ''), { ours: { status: [200, 200] } }),
  row(15, 'a trailer', chunks('2', 'ab', '0', 'X: a', '', ''), { ours: { status: [200, 200] } }),
  row(16, 'HTTP/2.0', andBehind('GET /f.txt HTTP/2.0', H, '', ''), {
    ours: closed(505),
    apache: both(served, 'Apache reads it as 1.1'),
  }),
  row(16, 'HTTP/1.2', andBehind('GET /f.txt HTTP/1.2', H, '', ''), {
    ours: closed(505),
    nginx: both(served, 'nginx takes every 1.x'),
    apache: both(served, 'Apache takes every 1.x'),
  }),
  row(16, 'the preface of HTTP/2', andBehind('PRI * HTTP/2.0', '', 'SM', '', ''), {
    ours: closed(505),
    nginx: both(400, 'nginx stumbles over the target first'),
    apache: both(400, 'Apache stumbles over the method first'),
  }),
  row(16, 'a version that is none', andBehind('GET /f.txt HTTQ/1.1', H, '', '')),
  row(16, 'a version in small letters', andBehind('GET /f.txt http/1.1', H, '', '')),
  row(17, 'HTTP/0.9', 'GET /f.txt\r\n\r\n', {
    nginx: { status: 'bare', body: 'f', why: 'nginx still answers it' },
    apache: { status: 'bare', body: 'f', why: 'Apache still answers it' },
  }),
  row(18, 'a method in small letters', andBehind('get /f.txt HTTP/1.1', H, '', ''), {
    apache: { status: 501, why: 'Apache takes it for another method' },
  }),
  row(18, 'a method with an odd character', andBehind('G(T /f.txt HTTP/1.1', H, '', '')),
  row(19, 'CONNECT', andBehind('CONNECT a:80 HTTP/1.1', 'Host: a:80', '', ''), {
    ours: closed(405),
    nginx: { status: 400, why: 'nginx reads no authority in a request line' },
    apache: both([405, 200], 'Apache goes on behind it'),
  }),
  row(19, 'TRACE', andBehind('TRACE /f.txt HTTP/1.1', H, '', ''), {
    ours: closed(405),
    apache: both(served, 'Apache has TRACE on unless it is told otherwise'),
  }),
];

export const strictness: Table = { about: 'what two readers could read differently', rows };
