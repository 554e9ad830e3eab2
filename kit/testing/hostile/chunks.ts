import { asked, get, type HostileRequest, host, post, requests } from './hostile-request.ts';

const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);
const sized = (size: string) => chunked(`${size}\r\nab\r\n0\r\n\r\n`);
const ended = (trailers: string) => chunked(`2\r\nab\r\n0\r\n${trailers}\r\n`);

/** Bodies in chunks (RFC 9112 §7.1). The head has been acted on by then; the next hop never gets a whole request. */
export const chunks: readonly HostileRequest[] = requests('chunk', [
  ['a size with 0x', sized('0x2'), 400],
  ['a blank before the size', sized(' 2'), 400],
  ['a blank behind the size', sized('2 '), 400],
  ['a tab behind the size', sized('2\t'), 400],
  ['a plus before the size', sized('+2'), 400],
  ['a negative size', sized('-2'), 400],
  ['an underscore in the size', sized('0_2'), 400],
  ['a size that is no number', sized('g'), 400],
  ['no size', sized(''), 400],
  ['a size of 2^64 and two', sized('10000000000000002'), 400],
  ['a size of many digits', sized('fffffffffffffffff'), 400],
  ['a bare LF behind the size', chunked('2\nab\r\n0\r\n\r\n'), 400],
  ['a bare CR behind the size', chunked('2\rab\r\n0\r\n\r\n'), 400],
  ['CR CR LF behind the size', chunked('2\r\r\nab\r\n0\r\n\r\n'), 400],
  ['no line end behind the data', chunked('2\r\nab0\r\n\r\n'), 400],
  ['more data than its size', chunked('2\r\nabc\r\n0\r\n\r\n'), 400],
  ['two bytes of anything behind the data', chunked('2\r\nabXX0\r\n\r\n'), 400],
  ['a bare LF behind the data', chunked('2\r\nab\n0\r\n\r\n'), 400],
  ['a bare LF behind the last size', chunked('2\r\nab\r\n0\n\r\n'), 400],
  ['a bare LF at the end', chunked('2\r\nab\r\n0\r\n\n'), 400],
  ['an extension with a bare LF', sized('2;a\nb'), 400],
  ['an extension with a bare CR', sized('2;a\rb'), 400],
  ['an extension with NUL', sized('2;a\0b'), 400],
  ['an extension with a bare LF in quotes', sized('2;a="\n"'), 400],
  ['an extension without a name', sized('2;'), 400],
  ['an extension in blanks', sized('2 ; a = b'), 400],
  ['an extension of 20 KB', sized(`2;${'a'.repeat(20_000)}`), 400],
  ['an extension', sized('2;a=b;c="d e"'), 'served'],
  ['a size with zeros before it', sized('0000000000000000000002'), 'served'],
  ['a size in capitals', chunked('A\r\n0123456789\r\n0\r\n\r\n'), 'served'],
]);

/** Trailers (RFC 9110 §6.5): what could change the message's framing is refused, the rest is dropped. */
export const trailers: readonly HostileRequest[] = requests('trailer', [
  ['a blank in the name', ended('X Y: a\r\n'), 400],
  ['no name', ended(': a\r\n'), 400],
  ['NUL in the value', ended('X: a\0\r\n'), 400],
  ['a bare LF', ended('X: a\n'), 400],
  ['folded', ended('X: a\r\n b\r\n'), 400],
  ['Content-Length', ended('Content-Length: 5\r\n'), 400],
  ['Transfer-Encoding', ended('Transfer-Encoding: chunked\r\n'), 400],
  ['more than a head may have', ended('X: a\r\n'.repeat(20_000)), 400],
  ['one of 100 KB', ended(`X: ${'a'.repeat(100_000)}\r\n`), 400],
  ['an ordinary one', ended('X: a\r\n'), 'served'],
  ['Host, which nobody reads', ended('Host: b\r\n'), 'served'],
]);

const expecting = (value: string) => post(`Content-Length: 2\r\nExpect:${value}\r\n`, 'ab');

/** Expectations and upgrades (RFC 9110 §10.1.1, §7.8). */
export const wishes: readonly HostileRequest[] = requests('wish', [
  ['an unknown expectation', expecting(' tea'), 417],
  ['an expectation beside another', expecting(' 100-continue, tea'), 417],
  ['the same expectation twice', expecting(' 100-continue\r\nExpect: 100-continue'), 417],
  ['an expectation with a letter before it', expecting(' x100-continue'), 417],
  ['an expectation with a parameter', expecting(' 100-continue;a=b'), 417],
  ['an empty expectation', expecting(''), 417],
  ['100-continue in capitals', expecting(' 100-CONTINUE'), 'served'],
  [
    '100-continue in HTTP/1.0',
    `POST ${asked} HTTP/1.0\r\n${host}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab`,
    'served, then closed',
  ],
  ['an upgrade that Connection does not name', get('Upgrade: h2c\r\n'), 'served'],
]);
