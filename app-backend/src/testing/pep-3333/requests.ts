// PEP 3333, "environ Variables" and "Input and Error Streams".
import { get, post } from '../beside-gunicorn/row.ts';
import { type Read, type Row, reading } from './plan.ts';

const lines = 'one\ntwo\n\nthe rest';

/** What the environ of a request has: lines that are there, and names that are not. */
function environ(bytes: string, has: readonly string[], lacks: readonly string[] = []): Row {
  const there = has.map((line) => `(?=[^]*^${RegExp.escape(line)}$)`).join('');
  const absent = lacks.map((name) => `(?![^]*^${RegExp.escape(name)}=)`).join('');
  const [line] = bytes.split(' HTTP/');
  return {
    what: `the environ of ${line}: ${has.join(', ')}; not ${lacks}`,
    bytes,
    told: { status: 'HTTP/1.1 200 OK', body: new RegExp(`^${there}${absent}`, 'm'), end: 'whole' },
    isLegal: true,
  };
}

const chunked = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: odd.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}`;

const environs: readonly Row[] = [
  environ(
    get('/'),
    [
      'REQUEST_METHOD=GET',
      'SCRIPT_NAME=',
      'PATH_INFO=/',
      'QUERY_STRING=',
      'SERVER_NAME=127.0.0.1',
      'REMOTE_ADDR=127.0.0.1',
    ],
    ['CONTENT_TYPE', 'CONTENT_LENGTH', 'HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH', 'REMOTE_USER'],
  ),
  environ(get('/'), ['wsgi.version=1.0', 'wsgi.url_scheme=http', 'wsgi.run_once=false', 'wsgi.input_terminated=true']),
  environ(get('/'), [
    'SERVER_PROTOCOL=HTTP/1.1',
    'early_hints=true',
    'wsgi.multithread=false',
    'wsgi.multiprocess=false',
  ]),
  environ(get('/').replace('HTTP/1.1', 'HTTP/1.0'), ['SERVER_PROTOCOL=HTTP/1.0', 'early_hints=true']),
  environ(get('/a?b=c&d=%20e?f'), ['PATH_INFO=/a', 'QUERY_STRING=b=c&d=%20e?f', 'RAW_URI=/a?b=c&d=%20e?f']),
  environ(get('/a%2Fb/%c3%a9%FF%25zz%zz'), ['PATH_INFO=/a/b/\xc3\xa9\xff%zz%zz', 'RAW_URI=/a%2Fb/%c3%a9%FF%25zz%zz']),
  environ(get('/a%00b%2500'), ['PATH_INFO=/a\0b%00', 'REQUEST_URI=/a%00b%2500']),
  environ(get('//a//../b'), ['PATH_INFO=//a//../b']),
  environ(get('http://odd.test/a?b'), ['PATH_INFO=/a', 'HTTP_HOST=odd.test']),
  environ(get('/', 'X-A: 1', 'x-a:2', 'Cookie: a=1', 'Cookie: b=2'), ['HTTP_X_A=1, 2', 'HTTP_COOKIE=a=1; b=2']),
  environ(get('/', 'X-Latin: \xe9', 'X-Empty:', 'X-Blank: \t a b \t '), [
    'HTTP_X_LATIN=\xe9',
    'HTTP_X_EMPTY=',
    'HTTP_X_BLANK=a b',
  ]),
  environ(
    get('/', 'X_A: 1', 'X-Forwarded_For: 1.2.3.4'),
    ['REMOTE_ADDR=127.0.0.1'],
    ['HTTP_X_A', 'HTTP_X_FORWARDED_FOR'],
  ),
  environ(
    get('/%00', 'Host*: evil%00', 'X-Forwarded-Proto*: https'),
    ['HTTP_HOST=odd.test', 'HTTP_HOST*=evil%00'],
    ['HTTP_X_FORWARDED_PROTO'],
  ),
  environ(
    get('/', 'Content-Type: a/b', 'Content-Length: 0'),
    ['CONTENT_TYPE=a/b', 'CONTENT_LENGTH=0'],
    ['HTTP_CONTENT_TYPE'],
  ),
  environ(post('/', 'xyz'), ['REQUEST_METHOD=POST', 'CONTENT_LENGTH=3']),
  environ(
    chunked('/', '1\r\nx\r\n0\r\n\r\n'),
    ['REQUEST_METHOD=POST', 'wsgi.input_terminated=true'],
    ['CONTENT_LENGTH'],
  ),
  environ(get('/', 'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Prefix: /a%20b/'), [
    ...['REMOTE_ADDR=1.2.3.4', 'wsgi.url_scheme=https', 'SCRIPT_NAME=/a b', 'PATH_INFO=/'],
  ]),
  environ(get('/').replace('GET', 'DELETE'), ['REQUEST_METHOD=DELETE']),
];

const reads: readonly Row[] = [
  reading('all of it, and no more for ever', [['read'], ['read'], ['read', 5], ['readline'], ['readlines']], lines, [
    lines,
    '',
    '',
    '',
    [],
  ]),
  reading(
    'in parts',
    [
      ['read', 3],
      ['read', 0],
      ['read', 2],
      ['read', 100],
      ['read', 1],
    ],
    lines,
    ['one', '', '\nt', 'wo\n\nthe rest', ''],
  ),
  reading('a negative size is all', [['read', -1]], lines, [lines]),
  reading(
    'by lines',
    [['readline'], ['readline', 2], ['readline', 0], ['readline', 9], ['readline'], ['readline']],
    lines,
    ['one\n', 'tw', '', 'o\n', '\n', 'the rest'],
  ),
  reading('readlines', [['readlines'], ['readlines']], lines, [['one\n', 'two\n', '\n', 'the rest'], []]),
  reading(
    'readlines with a hint',
    [
      ['readlines', 5],
      ['readlines', 0],
    ],
    lines,
    [
      ['one\n', 'two\n'],
      ['\n', 'the rest'],
    ],
  ),
  reading('iteration', [['read', 1], ['iterate'], ['iterate']], lines, ['o', ['ne\n', 'two\n', '\n', 'the rest'], []]),
  reading('nothing', [['read'], ['readline'], ['readlines'], ['iterate']], '', ['', '', [], []]),
];

const all: readonly Read[] = [['read', 4], ['read'], ['read']];
const whole = `/read?${encodeURIComponent(JSON.stringify(all))}`;
const told = (body: string) => ({
  status: 'HTTP/1.1 200 OK',
  body: JSON.stringify([body.slice(0, 4), body.slice(4), '']),
});
const refused = { status: 'HTTP/1.1 400', body: 'a page' } as const;

const framed: readonly Row[] = [
  { what: 'chunks', bytes: chunked(whole, '3\r\none\r\n2;a=b\r\n\nt\r\n0\r\n\r\n'), told: told('one\nt') },
  { what: 'chunks and trailers', bytes: chunked(whole, '5\r\none\nt\r\n000\r\nX-A: 1\r\n\r\n'), told: told('one\nt') },
  { what: 'a chunked body of nothing', bytes: chunked(whole, '0\r\n\r\n'), told: told('') },
  { what: 'chunks that break', bytes: chunked(whole, '3\r\none\r\nzz\r\n'), told: refused },
  { what: 'a chunk that is longer than it says', bytes: chunked(whole, '3\r\none!\r\n0\r\n\r\n'), told: refused },
  { what: 'a line feed in a chunk extension', bytes: chunked(whole, '3;a\nb\r\none\r\n0\r\n\r\n'), told: refused },
  ...[1, 65_535, 65_536, 65_537, 300_000].map((length) => ({
    what: `a body of ${length} bytes`,
    bytes: post(whole, 'x'.repeat(length)),
    told: told('x'.repeat(length)),
  })),
];

const hosts: readonly Row[] = ['', 'Host: a/b\r\n', 'Host: a\r\nHost: a\r\n'].map((host) => ({
  what: `the Host ${JSON.stringify(host)}`,
  bytes: `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  told: refused,
}));

export const requests: readonly Row[] = [...environs, ...reads, ...framed, ...hosts];
