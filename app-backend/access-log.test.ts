// The log of this server and that of Gunicorn, line by line, for the same requests.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gunicornFormat } from '@trivet/kit/process/access-format.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { listenSomewhere } from '@trivet/kit/testing/place.ts';
import { python } from './src/testing/python.ts';

const format =
  `${gunicornFormat} l=%(l)s m=%(m)s U="%(U)s" q="%(q)s" H=%(H)s B=%(B)s T=%(T)s D=%(D)s M=%(M)s L=%(L)s p=%(p)s ` +
  'i="%({X-Two}i)s" none=%({none}i)s o="%({content-type}o)s" c=%({set-cookie}o)s e="%({HTTP_X_TWO}e)s" ' +
  'ct=%({content_type}e)s ru=%({RAW_URI}e)s rm=%({request_method}e)s 100%%';

const inPython = `
def application(environ, start_response):
    environ['wsgi.input'].read()
    if environ['PATH_INFO'] == '/none':
        start_response('204 No Content', [])
        return []
    start_response('200 OK', [('Content-Type', 'text/plain; a="b"'), ('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')])
    if environ['PATH_INFO'] == '/chunks':
        return (part for part in [b'one', b'', b'three'])
    return [b'hello']
`;
const inTypeScript = `
exports.application = async function* (environ, start) {
  await environ['wsgi.input'].read();
  if (environ.PATH_INFO === '/none') {
    start('204 No Content', []);
    return;
  }
  start('200 OK', [['Content-Type', 'text/plain; a="b"'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]);
  if (environ.PATH_INFO === '/chunks') yield* [Buffer.from('one'), Buffer.from(''), Buffer.from('three')];
  else yield Buffer.from('hello');
};
`;

const basic = Buffer.from('me:secret').toString('base64');
const requests: Readonly<Record<string, string>> = {
  plain: 'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
  'a query and a path with escapes': 'GET /a%20b%2Fc%22d?x=%20y&z HTTP/1.1\r\nHost: h\r\n\r\n',
  'quotes in fields': 'GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: a "quoted" \\ one\r\nReferer: http://r/?"x"\r\n\r\n',
  'a user': `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ${basic}\r\n\r\n`,
  'a user that is none': 'GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic bm8=\r\n\r\n',
  'bytes beyond ASCII': 'GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: caf\xe9\r\n\r\n',
  'a field in two lines': 'GET / HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n',
  'a body': 'POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nabc',
  'an answer in chunks': 'GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n',
  'an answer without body': 'GET /none HTTP/1.1\r\nHost: h\r\n\r\n',
  'HTTP/1.0': 'GET /old HTTP/1.0\r\nHost: h\r\n\r\n',
};

async function freePort(): Promise<number> {
  await using server = createServer();
  return (await listenSomewhere(server)).port;
}

/** Asks once it listens; resolves when it was answered. */
async function ask(port: number, request: string): Promise<void> {
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 'latin1');
    await once(socket.resume(), 'close');
  }, 20_000);
}

class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #log: string;
  #lines = 0;

  constructor(command: readonly [string, ...string[]], env: Record<string, string>, at: { port: number; log: string }) {
    const [file, ...args] = command;
    this.#port = at.port;
    this.#log = at.log;
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  }

  /** The line of one request, without what differs from one to the next. */
  async line(request: string): Promise<string> {
    await ask(this.#port, request);
    this.#lines += 1;
    return await eventually(() => {
      const lines = readFileSync(this.#log, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.endsWith(' 100%'));
      assert.equal(lines.length, this.#lines, lines.join('\n'));
      return withoutTimes(lines.at(-1) ?? '');
    }, 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function withoutTimes(line: string): string {
  const times = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\](.*) T=0 D=(\d+) M=(\d+) L=0\.(\d{6}) p=<\d+> /;
  const [, between, micros, millis, fraction] = times.exec(line) ?? [];
  assert.ok(between !== undefined, line);
  assert.deepEqual([Math.floor(Number(micros) / 1000), Number(fraction)], [Number(millis), Number(micros)], line);
  return line.replace(times, '[TIME]$1 TIMES ');
}

const why = spawnSync('gunicorn', ['--version']).error !== undefined && 'there is no gunicorn here';
const skip = process.env.REQUIRE_PEERS === '1' ? false : why;

const runtimes = {
  TypeScript: { APP_APPLICATION: 'own.js:application' },
  Python: { APP_RUNTIME: 'python', APP_PYTHON: python, APP_APPLICATION: 'peer:application' },
};

describe('a line of the access log is that of Gunicorn', { skip }, () => {
  for (const [runtime, named] of Object.entries(runtimes)) {
    test(`for the same requests to an application in ${runtime}`, (t) => agree(t, named));
  }
});

async function agree(t: TestContext, named: Readonly<Record<string, string>>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-access-'));
  const path = (name: string) => join(folder.path, name);
  await writeFile(path('peer.py'), inPython);
  await writeFile(path('own.js'), inTypeScript);
  for (const name of ['peer.log', 'own.log']) await writeFile(path(name), '');
  const [peerPort, ownPort] = [await freePort(), await freePort()];
  const options = ['-b', `127.0.0.1:${peerPort}`, '--chdir', folder.path, '--access-logformat', format];
  await using peer = new Server(
    ['gunicorn', ...options, '--access-logfile', path('peer.log'), 'peer:application'],
    { PYTHONDONTWRITEBYTECODE: '1', GUNICORN_CMD_ARGS: '' },
    { port: peerPort, log: path('peer.log') },
  );
  await using own = new Server(
    [process.execPath, join(import.meta.dirname, 'main.ts')],
    {
      ...{ APP_LISTEN: `127.0.0.1:${ownPort}`, APP_ADMIN_LISTEN: '127.0.0.1:0', APP_CHDIR: folder.path },
      ...{ ...named, LOG_FORMAT: format, LOG_FILE: path('own.log') },
    },
    { port: ownPort, log: path('own.log') },
  );
  for (const [what, request] of Object.entries(requests)) {
    await t.test(what, async () => assert.equal(await own.line(request), await peer.line(request)));
  }
}
