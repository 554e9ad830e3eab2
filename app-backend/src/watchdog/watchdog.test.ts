import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const program = new URL('../testing/hanging-program.ts', import.meta.url).pathname;

type Program = AsyncDisposable & {
  readonly port: number;
  readonly child: ChildProcess;
  readonly errors: Promise<string>;
};

async function running(timeoutMs: number): Promise<Program> {
  const child = spawn(process.execPath, [program, String(timeoutMs)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors = text(child.stderr);
  const [port] = await once(child.stdout, 'data');
  return {
    port: Number(port),
    child,
    errors,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

/** The answer as it comes, to the end of the connection. */
async function asked(port: number, method: string, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
  return await text(socket);
}

test('who waits for a process that computes without end is told 504, and it ends', async () => {
  await using hanging = await running(300);
  const { port, child, errors } = hanging;
  const ended = once(child, 'exit');
  const patient = asked(port, 'HEAD', '/wait');
  await using _ = await askedBefore(port);
  const guilty = asked(port, 'GET', '/hang');
  const [answer, other, [, signal]] = await Promise.all([guilty, patient, ended]);
  assert.match(answer, /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
  assert.match(answer, /\r\nX-Request-Id: id-of-hang\r\n/);
  assert.match(answer, /\r\nProxy-Status: app-backend;error=http_response_timeout/);
  assert.match(answer, /300ms(?:.|\n)*<\/html>\n$/);
  assert.match(other, /^HTTP\/1\.1 504 /);
  assert.ok(other.endsWith('\r\n\r\n'), 'an answer to HEAD has no body');
  assert.equal(signal, 'SIGKILL');
  const line: { stack: string[]; requests: string[]; msg: string } = JSON.parse(await errors);
  assert.match(line.stack[0] ?? '', /^computeForEver \(.*hanging-program\.ts:\d+\)$/);
  assert.deepEqual(line.requests.sort(), ['id-of-hang', 'id-of-wait']);
  assert.match(line.msg, /stood still for 300ms/);
});

/** Once this is answered, what was asked before it has arrived, too. */
async function askedBefore(port: number): Promise<AsyncDisposable> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await once(socket, 'data');
  return { [Symbol.asyncDispose]: async () => void socket.destroy() };
}

test('a call into the system that does not return is ended too, without a stack', async () => {
  await using hanging = await running(300);
  const answer = await asked(hanging.port, 'GET', '/native');
  assert.match(answer, /^HTTP\/1\.1 504 /);
  assert.match(await hanging.errors, /inside a call to the system/);
});

test('a process whose loop turns goes on, whoever waits in it', async () => {
  await using turning = await running(100);
  const { port, child } = turning;
  const waiting = connect(port, '127.0.0.1');
  waiting.write('GET /wait HTTP/1.1\r\nHost: test\r\n\r\n');
  // Several times what would be its end.
  await eventually(async () => assert.ok((await uptimeOf(port)) > 0.6));
  assert.equal(child.exitCode ?? child.signalCode, null);
  waiting.destroy();
});

/** Seconds. */
async function uptimeOf(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  const [data] = await once(socket, 'data');
  socket.destroy();
  return Number(String(data).split('\r\n\r\n')[1]);
}
