// Applications that answer in all the ways that there are, well and badly.
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { fileWrapper } from '../gateway/file-wrapper.ts';
import type { Application, Body, Header } from '../wsgi.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function whole(body: readonly Uint8Array[], headers: readonly Header[] = [], status = '200 OK'): Application {
  return (_environ, start) => {
    start(status, headers);
    return body;
  };
}

function blocks(texts: readonly string[], headers: readonly Header[] = [], status = '200 OK'): Application {
  return function* (_environ, start) {
    start(status, headers);
    for (const text of texts) yield bytes(text);
  };
}

const closing =
  (close: () => void | Promise<void>): Application =>
  (environ, start): Body => {
    start('200 OK', [['Content-Length', '2']]);
    return Object.assign([bytes(environ.REQUEST_METHOD.slice(0, 2))], { close });
  };

/** What they do, as the name says it. */
export const applications: Readonly<Record<string, Application>> = {
  'an array': whole([bytes('hello')], [['Content-Type', 'text/plain']]),
  'an array of several': whole([bytes('a'), bytes(''), bytes('bc')]),
  'an array with its length': whole([bytes('hello')], [['content-length', '5']]),
  'an array and less of a length': whole([bytes('hello')], [['Content-Length', '3']]),
  'an array and more of a length': whole([bytes('hello')], [['Content-Length', '9']]),
  'an empty array': whole([]),
  'an empty array with a length': whole([], [['Content-Length', '7']]),
  'a large array': whole([Buffer.alloc(100_000, 'x'), Buffer.alloc(100_000, 'y')]),
  'an array that the copying just takes': whole([Buffer.alloc(16 * 1024, 'x')]),
  'an array of plain bytes': whole([new Uint8Array([104, 105])]),
  'a 204': whole([], [], '204 No Content'),
  'a 204 with a body': whole([bytes('x')], [['Content-Length', '1']], '204 No Content'),
  'a 304': whole([], [['ETag', '"1"']], '304 Not Modified'),
  'a 304 with a length': whole([], [['Content-Length', '12']], '304 Not Modified'),
  'an odd status': whole([bytes('x')], [], '799 \xe4 reason  of (its) own'),
  'a Date of its own': whole([bytes('x')], [['date', 'Thu, 01 Jan 1970 00:00:00 GMT']]),
  'an id of its own': whole([bytes('x')], [['X-Request-ID', 'mine']]),
  'repeated and empty fields': whole(
    [bytes('x')],
    [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Empty', ''],
      ['X-Latin', '\xe9\xff'],
    ],
  ),
  blocks: blocks(['ab', '', 'c']),
  'one block': blocks(['ab']),
  'no blocks': blocks([]),
  'blocks with a length': blocks(['ab', 'c'], [['Content-Length', '3']]),
  'more blocks than the length': blocks(['ab', 'cd', 'e'], [['Content-Length', '3']]),
  'fewer blocks than the length': blocks(['ab'], [['Content-Length', '3']]),
  'blocks of a 304': blocks(['ab'], [], '304 Not Modified'),
  'many blocks': blocks(Array.from({ length: 50 }, (_, i) => `block ${i} `)),
  'large blocks': blocks(Array.from({ length: 5 }, (_, i) => String(i).repeat(70_000))),
  'blocks by and by': async function* (_environ, start) {
    start('200 OK', []);
    yield bytes('ab');
    await turn();
    yield bytes('c');
  },
  'a promise of an array': async (_environ, start) => {
    await turn();
    start('200 OK', []);
    return [bytes('late')];
  },
  'a block, and then a failure': function* (_environ, start) {
    start('200 OK', []);
    yield bytes('ab');
    throw new Error('broken');
  },
  'a block by and by, and then a failure': async function* (_environ, start) {
    start('200 OK', [['Content-Length', '9']]);
    yield bytes('ab');
    await turn();
    throw new Error('broken');
  },
  'a failure': () => {
    throw new Error('at once');
  },
  'a failure by and by': async () => {
    await turn();
    throw new Error('late');
  },
  'a fault that closes the connection': () => {
    throw new Fault('bad-request', 'no such thing');
  },
  'a fault that closes the connection, by and by': async () => {
    await turn();
    throw new Fault('body-too-large', 'no such thing');
  },
  'no start_response': () => [bytes('x')],
  'a bad header': whole([bytes('x')], [['X-Bad', 'a\r\nb']]),
  'a field of the connection': whole([bytes('x')], [['Connection', 'close']]),
  'a block that is no bytes': whole(['text' as never]),
  'text in place of blocks': (_environ, start) => {
    start('200 OK', []);
    return 'text' as never;
  },
  'a head replaced by a failure': (_environ, start) => {
    start('200 OK', [['X-First', '1']]);
    start('503 Busy', [['X-Second', '2']], { error: new Error('x') });
    return [bytes('busy')];
  },
  write: (_environ, start) => {
    const write = start('200 OK', []);
    void write(bytes('written '));
    return [bytes('and given')];
  },
  'write that is waited for': async (_environ, start) => {
    const write = start('200 OK', []);
    for (let i = 0; i < 20; i++) await write(bytes('written '));
    return [bytes('and given')];
  },
  'early hints': (environ, start) => {
    environ['wsgi.early_hints']?.([['Link', '</a.css>; rel=preload']]);
    environ['wsgi.early_hints']?.([]);
    start('200 OK', []);
    return [bytes('hinted')];
  },
  'early hints by and by, and once too late': async function* (environ, start) {
    environ['wsgi.early_hints']?.([['Link', '</a.css>; rel=preload']]);
    await turn();
    start('200 OK', []);
    yield bytes('x');
    environ['wsgi.early_hints']?.([['Link', '</b.css>; rel=preload']]);
  },
  'a body that is closed': closing(() => undefined),
  'a body whose close fails': closing(() => {
    throw new Error('close');
  }),
  'a file': (_environ, start) => {
    start('200 OK', [['Content-Length', '4']]);
    const parts = [bytes('fi'), bytes('le')];
    return fileWrapper({ read: () => parts.shift() ?? bytes('') });
  },
  'a word for wsgi.errors': (environ, start) => {
    environ['wsgi.errors'].write('said\nunfinished');
    start('200 OK', []);
    return [bytes('x')];
  },
  'what it reads': async (environ, start) => {
    const body = await environ['wsgi.input'].read();
    start('200 OK', []);
    return [bytes(`read ${body.length} `), await environ['wsgi.input'].readline()];
  },
  'the environ': (environ, start) => {
    start('200 OK', []);
    const told = Object.entries(environ).filter(([key, value]) => typeof value === 'string' && !/PORT|ADDR/.test(key));
    return [bytes(JSON.stringify(told))];
  },
};
