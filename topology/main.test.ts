import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { python, pythonFolder, withPython } from '../app-backend/src/testing/python.ts';

const admin = {
  APP_ADMIN_LISTEN: '127.0.0.1:0',
  FRONT_ADMIN_LISTEN: '127.0.0.1:0',
  EDGE_ADMIN_LISTEN: '127.0.0.1:0',
};

/** `npm start -- …` without npm: what it prints, and how it ends. */
class Launcher implements AsyncDisposable {
  readonly child: ChildProcess;
  out = '';
  errors = '';
  readonly #exit: Promise<number>;

  constructor(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...flags], {
      env: { ...process.env, ...admin, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.errors += chunk;
    });
    this.#exit = once(this.child, 'close').then(([code]) => Number(code));
  }

  get exit(): Promise<number> {
    return this.#exit;
  }

  async ready(): Promise<URL> {
    return await eventually(() => {
      const [, url] = /^ready (\S+)$/m.exec(this.out) ?? [];
      assert.ok(url, this.out + this.errors);
      return new URL(url);
    }, 20_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    await this.#exit;
  }
}

async function taken(): Promise<{ port: number } & Disposable> {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}

describe('the launcher', () => {
  test('prints each tier’s address, then that it is ready; a signal stops all of it with exit code 0', async () => {
    await using launcher = new Launcher(['--topology', 'direct', '--port', '0']);
    const url = await launcher.ready();
    assert.match(launcher.out, /^app-backend +http:\/\/0\.0\.0\.0:\d+/m);
    assert.equal((await fetch(new URL('/express/', url))).status, 200);
    launcher.child.kill('SIGINT');
    assert.equal(await launcher.exit, 0);
    await assert.rejects(fetch(url));
  });

  test('runs the application inside the front, on one port with its files', async () => {
    await using launcher = new Launcher(['--topology', 'embedded', '--port', '0']);
    const url = await launcher.ready();
    assert.match(launcher.out, /^static-frontend +http:\/\/0\.0\.0\.0:\d+/m);
    assert.doesNotMatch(launcher.out, /^app-backend/m);
    for (const path of ['/', '/echo']) assert.equal((await fetch(new URL(path, url))).status, 200, path);
    launcher.child.kill('SIGINT');
    assert.equal(await launcher.exit, 0);
  });

  for (const shape of ['direct', 'embedded']) {
    test(`runs a Python module of the folder where one stands: ${shape}`, withPython, async () => {
      const code = 'def app(environ, start):\n    start("200 OK", [])\n    return [environ["PATH_INFO"].encode()]\n';
      await using shop = pythonFolder({ 'shop.py': code });
      const flags = ['--topology', shape, '--port', '0', '--application', 'shop:app'];
      await using launcher = new Launcher(flags, { INIT_CWD: shop.folder, APP_PYTHON: python });
      const url = await launcher.ready();
      assert.equal(await (await fetch(new URL('/of/python', url))).text(), '/of/python');
      launcher.child.kill('SIGINT');
      assert.equal(await launcher.exit, 0, launcher.errors);
    });
  }

  test('starts a tier again that was killed, at the same address', async () => {
    await using launcher = new Launcher(['--topology', 'direct', '--port', '0']);
    const url = await launcher.ready();
    const [, admin] = /admin (\S+)\)/.exec(launcher.out) ?? [];
    const { pid } = JSON.parse(await (await fetch(`${admin}/stats`)).text());
    process.kill(pid, 'SIGKILL');
    await eventually(() => assert.match(launcher.errors, /app-backend ended by SIGKILL/));
    await eventually(async () => assert.equal((await fetch(new URL('/express/', url))).status, 200), 20_000);
  });

  test('stops in order at one Ctrl-C, which comes from the terminal and from npm: what is in flight is answered', async () => {
    await using launcher = new Launcher(['--topology', 'front', '--port', '0']);
    const url = await launcher.ready();
    const answer = fetch(new URL('/script?delay=700ms&body=5', url));
    const [, admin] = /^static-frontend .*admin (\S+)\)/m.exec(launcher.out) ?? [];
    await eventually(async () => {
      const metrics = await (await fetch(`${admin}/metrics`)).text();
      assert.match(metrics, /^trivet_connections\S* [1-9]/m);
    });
    launcher.child.kill('SIGINT');
    // Another one, as the system would make one of two that are the same.
    launcher.child.kill('SIGTERM');
    assert.equal((await answer).status, 200);
    assert.equal(await launcher.exit, 0, launcher.errors);
  });

  test('stops at a signal although a tier is not up yet, with exit code 0', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-launcher-'));
    const app = join(folder.path, 'app.ts');
    const waits = 'setInterval(() => undefined, 1000);\nawait new Promise(() => undefined);\n';
    await writeFile(app, `process.stdout.write('loading\\n');\n${waits}export const application = () => undefined;\n`);
    await using launcher = new Launcher(['--topology', 'direct', '--port', '0', '--application', app]);
    await eventually(() => assert.match(launcher.out, /loading/, launcher.errors), 20_000);
    launcher.child.kill('SIGINT');
    assert.equal(await launcher.exit, 0);
    assert.equal(launcher.errors, '');
  });

  for (const [what, flags, code, line] of [
    ['a shape that there is not', ['--topology', 'pyramid'], 1, /'pyramid' is invalid.*direct, embedded, front, edge/],
    ['a file of Python', ['--application', 'web/shop.py'], 1, /a module is wanted: shop:application, from \S*web/],
    ['a port that is none', ['--port', 'http'], 1, /a port is a number/],
    [
      'an application that is not there',
      ['--topology', 'direct', '--port', '0', '--application', '/no/app.ts'],
      78,
      /app-backend: APP_APPLICATION: .*\/no\/app\.ts/,
    ],
    [
      'the same where the front runs it',
      ['--topology', 'embedded', '--port', '0', '--application', '/no/app.ts'],
      78,
      /static-frontend: APP_APPLICATION: .*\/no\/app\.ts/,
    ],
  ] as const) {
    test(`${what}: one clear line and exit code ${code}`, async () => {
      await using launcher = new Launcher(flags);
      assert.equal(await launcher.exit, code);
      assert.equal(launcher.errors.trim().split('\n').length, 1, launcher.errors);
      assert.match(launcher.errors, line);
      assert.doesNotMatch(launcher.out, /ready/);
    });
  }

  test('a port in use: one clear line and exit code 1', async () => {
    using other = await taken();
    await using launcher = new Launcher(['--topology', 'direct', '--port', String(other.port)]);
    assert.equal(await launcher.exit, 1);
    assert.match(
      launcher.errors,
      new RegExp(`^app-backend: APP_LISTEN: 0\\.0\\.0\\.0:${other.port} is in use; stop what listens there, .*\\n$`),
    );
  });
});
