// The command as it is run: from anywhere, with whatever node the PATH has.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const bin = join(import.meta.dirname, 'bin/trivet');
const hello = `exports.hello = (environ, start) => {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(process.env.GREETING + ' ' + process.pid)];
};
exports.application = exports.hello;
`;

class Command implements AsyncDisposable {
  readonly child: ChildProcess;
  out = '';
  errors = '';
  readonly exit: Promise<number | null>;

  constructor(args: readonly string[], { cwd, env = {}, file = bin }: Given) {
    // No node is in this PATH, or an old one.
    this.child = spawn(file, args, { cwd, env: { PATH: '/usr/bin:/bin', HOME: cwd, ...env }, stdio: 'pipe' });
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.errors += chunk;
    });
    this.exit = once(this.child, 'close').then(([code]) => code as number | null);
  }

  async listening(): Promise<{ address: string; addresses?: readonly string[]; pid: number }> {
    return await eventually(() => {
      const line = this.out.split('\n').find((one) => one.includes('"listening"'));
      assert.ok(line, this.out + this.errors);
      return JSON.parse(line);
    }, 20_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}

type Given = { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly file?: string };

async function folderWithApp() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-command-'));
  await writeFile(join(folder.path, 'app.js'), hello);
  await writeFile(join(folder.path, 'broken.js'), 'exports.hello = ;\n');
  return folder;
}

const anywhere = ['--bind', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

describe('trivet wsgi', () => {
  test('serves an application of the folder where one stands, as one process, until it is told to end', async () => {
    await using folder = await folderWithApp();
    // As npm links it.
    const file = join(folder.path, 'linked');
    await symlink(bin, file);
    const env = { APP_WORKERS: '9', GUNICORN_CMD_ARGS: "--workers 2 --env 'GREETING=not this'" };
    const args = ['wsgi', 'app.js:hello', ...anywhere, '-w1', '-e', 'GREETING=hello'];
    await using command = new Command(args, { cwd: folder.path, env, file });
    const { address, pid } = await command.listening();
    assert.equal(pid, command.child.pid);
    assert.match(await (await fetch(address)).text(), /^hello \d+$/);
    command.child.kill('SIGTERM');
    assert.equal(await command.exit, 0, command.errors);
  });

  test('listens wherever it is told to', async () => {
    await using folder = await folderWithApp();
    const path = join(folder.path, 's');
    const args = ['wsgi', 'app.js', ...anywhere, '--bind', `unix:${path}`];
    await using command = new Command(args, { cwd: folder.path });
    const { address, addresses } = await command.listening();
    assert.deepEqual(addresses, [address, `unix:${path}`]);
    assert.equal((await fetch(address)).status, 200);
    const socket = connect(path);
    socket.end('GET / HTTP/1.0\r\n\r\n');
    assert.match(String(await text(socket)), /^HTTP\/1.1 200 OK\r\n/);
    command.child.kill('SIGTERM');
    assert.equal(await command.exit, 0, command.errors);
  });

  test('tells every option that it cannot take, and ends with 78', async () => {
    await using folder = await folderWithApp();
    const args = ['wsgi', 'app.js', '--certfile', 'x', '--workers', 'many'];
    await using command = new Command(args, { cwd: folder.path, env: { GUNICORN_CMD_ARGS: '--statsd-host a:1' } });
    assert.equal(await command.exit, 78);
    const [first, second, third, ...rest] = command.errors.trimEnd().split('\n');
    assert.match(first ?? '', /^trivet: GUNICORN_CMD_ARGS --statsd-host is not an option here\. GET \/metrics/);
    assert.match(second ?? '', /^trivet: --certfile is not an option here\. TLS/);
    assert.match(third ?? '', /^trivet: --workers: "many" is not a whole number from 0 to 999999999999$/);
    assert.deepEqual(rest, []);
  });

  for (const [what, args, variable, said] of [
    ['an option that there is not', ['--wrokers', '3'], '', /^error: unknown option '--wrokers'/],
    ['two applications', ['other.js'], '', /^error: too many arguments/],
    ['no such option in the variable', [], '--wrokers 3', /^error: GUNICORN_CMD_ARGS: unknown option '--wrokers'/],
    ['a word too many in it', [], 'other.js', /^error: GUNICORN_CMD_ARGS: too many arguments/],
    ['a quote in it that does not end', [], "-e 'A=b", /^error: GUNICORN_CMD_ARGS: "-e 'A=b": a quote/],
  ] as const) {
    test(`${what} is told without a stack, and ends a start with 78, a check with 1`, async () => {
      await using folder = await folderWithApp();
      for (const [check, code] of [
        [[], 78],
        [['--check-config'], 1],
      ] as const) {
        const given = { cwd: folder.path, env: { GUNICORN_CMD_ARGS: variable } };
        await using command = new Command(['wsgi', 'app.js', ...args, ...check], given);
        assert.equal(await command.exit, code, command.errors);
        assert.match(command.errors, said);
        assert.doesNotMatch(command.errors, /\n {4}at /);
      }
    });
  }

  for (const [what, args, code, said] of [
    ['that loads', ['app.js'], 0, /^$/],
    ['that does not load', ['broken.js:hello'], 1, /^app-backend: .*broken\.js/],
    ['whose options are wrong', ['app.js', '--bind', 'nowhere:99999'], 1, /^app-backend: APP_LISTEN: .*port/],
    ['whose options cannot be', ['app.js', '--daemon'], 1, /^trivet: --daemon is not an option here/],
  ] as const) {
    test(`--check-config of an application ${what} ends with ${code}`, async () => {
      await using folder = await folderWithApp();
      await using command = new Command(['wsgi', ...args, '--check-config'], { cwd: folder.path });
      assert.equal(await command.exit, code, command.errors);
      assert.match(command.errors, said);
    });
  }

  test('--print-config says which option a setting is of', async () => {
    await using folder = await folderWithApp();
    const args = ['wsgi', 'app.js', '--preset', 'paas', '--keep-alive', '100', '--print-config'];
    const env = { PORT: '5000', APP_ADMIN_TOKEN: 'secret' };
    await using command = new Command(args, { cwd: folder.path, env });
    assert.equal(await command.exit, 0, command.errors);
    for (const line of [
      'APP_LISTEN=0.0.0.0:5000 # environment, PORT',
      'APP_IDLE_TIMEOUT=100s # --keep-alive',
      'APP_GRACEFUL_TIMEOUT=20s # preset paas',
      'APP_APPLICATION=app.js:application # command line',
      'APP_ADMIN_TOKEN=*** # environment',
      'APP_WORKERS=1 # default',
    ]) {
      assert.ok(command.out.replaceAll(/ +#/g, ' #').split('\n').includes(line), `${line} is not in\n${command.out}`);
    }
  });

  for (const [args, said] of [
    [['--help'], /^Usage: trivet [\s\S]*wsgi/],
    [['wsgi', '--help'], /-w, --workers <INT>[\s\S]*--check-config[\s\S]*Examples:/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ] as const) {
    test(`${args.join(' ')} is answered`, async () => {
      await using folder = await folderWithApp();
      await using command = new Command(args, { cwd: folder.path });
      assert.equal(await command.exit, 0);
      assert.match(command.out, said);
      assert.doesNotMatch(command.out, /statsd/);
    });
  }
});
