import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fdOf } from '../bind.ts';
import { eachOf } from '../listening.ts';
import type { Address } from '../units.ts';
import { handedVariable } from './given.ts';
import { type Handed, inodeOf, takeInherited } from './inherited.ts';

const PID = 7;
const configured: Address = { kind: 'tcp', host: '127.0.0.1', port: 8080 };
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-inherited-'));

const handed: Handed = {
  ...{ listen: 3, admin: 4, tell: 5, owns: true },
  addresses: { listen: '[::1]:8080', admin: 'unix:/run/admin' },
};
const saying = (over: Partial<Handed> = {}) => ({ [handedVariable]: JSON.stringify({ ...handed, ...over }) });

describe('a process that nobody gave a socket', () => {
  for (const [what, env] of [
    ['has none', {}],
    ['has none that was meant for another', { LISTEN_PID: '8', LISTEN_FDS: '1' }],
    ['has none when nothing is said of sockets', { LISTEN_PID: '7' }],
    ['has none when nobody is named', { LISTEN_FDS: '1' }],
  ] as const) {
    test(`${what}: it owns what it opens, and has nobody to tell`, () => {
      const { tell, ...rest } = takeInherited({ ...env }, PID, configured);
      assert.deepEqual(rest, { isOwner: true, follows: false });
      tell({ trivet: 'ready' });
    });
  }
});

for (const env of [saying(), { LISTEN_PID: '8', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' }]) {
  test(`nothing is said of sockets to those that a process starts: ${Object.keys(env)}`, () => {
    const own = { PATH: '/bin', ...env };
    takeInherited(own, PID, configured);
    assert.deepEqual(own, { PATH: '/bin' });
  });
}

for (const fds of ['2', '0', '', 'one']) {
  test(`a tier takes one socket of a service manager, not "${fds}"`, () => {
    const message = `LISTEN_FDS: ${fds} sockets were passed, and this tier takes one`;
    const take = () => takeInherited({ LISTEN_PID: '7', LISTEN_FDS: fds }, PID, configured);
    assert.throws(take, { name: 'StartProblem', message });
  });
}

for (const fds of ['0', '', 'one', '1.5', '65', '999']) {
  test(`a tier that takes several has 64 at most, and not "${fds}"`, () => {
    const message = `LISTEN_FDS: ${fds} sockets were passed, and this tier takes 1 to 64`;
    const take = () => takeInherited({ LISTEN_PID: '7', LISTEN_FDS: fds }, PID, configured, true);
    assert.throws(take, { name: 'StartProblem', message });
  });
}

describe('a process that follows another', () => {
  test('has all of its sockets, where it listened on several', () => {
    const more = [{ listen: 6, address: 'unix:/run/s' }];
    const { listen } = takeInherited(saying({ more }), PID, configured);
    const whose = { isOurs: true, isHeldElsewhere: false };
    assert.deepEqual(listen && eachOf(listen), [
      { kind: 'tcp', host: '::1', port: 8080, fd: 3, ...whose },
      { kind: 'unix', path: '/run/s', fd: 6, ...whose },
    ]);
  });

  for (const owns of [true, false]) {
    test(`has its sockets, ${owns ? 'and' : 'not'} the file of the first to remove, where it was so before`, () => {
      const { tell: _, ...rest } = takeInherited(saying({ owns }), PID, configured);
      assert.deepEqual(rest, {
        listen: { kind: 'tcp', host: '::1', port: 8080, fd: 3, isOurs: owns, isHeldElsewhere: !owns },
        admin: { kind: 'unix', path: '/run/admin', fd: 4, isOurs: true },
        isOwner: owns,
        follows: true,
      });
    });
  }

  test('does not look at what a service manager gave to the one before', () => {
    const { listen } = takeInherited({ ...saying(), LISTEN_PID: '7', LISTEN_FDS: '9' }, PID, configured);
    assert.equal(listen?.fd, 3);
  });

  test('tells in one line how it went, and no more, whatever has the number of the file by then', async () => {
    await using folder = await newFolder();
    const [first, second] = [join(folder.path, 'a'), join(folder.path, 'b')];
    const tell = openSync(first, 'w');
    const inherited = takeInherited(saying({ tell }), PID, configured);
    inherited.tell({ trivet: 'failed', problems: ['a\nb'], code: 78 });
    assert.equal(openSync(second, 'w'), tell, 'it was closed');
    inherited.tell({ trivet: 'ready' });
    closeSync(tell);
    assert.equal(readFileSync(first, 'utf8'), '{"trivet":"failed","problems":["a\\nb"],"code":78}\n');
    assert.equal(readFileSync(second, 'utf8'), '');
  });

  test('goes on alone when the one before is gone', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const tell = openSync(path, 'w');
    closeSync(reader);
    takeInherited(saying({ tell }), PID, configured).tell({ trivet: 'ready' });
    assert.throws(() => fstatSync(tell), { code: 'EBADF' });
  });

  test('does not hide another problem', () => {
    const { tell } = takeInherited(saying({ tell: openSync('/dev/null', 'r') }), PID, configured);
    assert.throws(() => tell({ trivet: 'ready' }), { code: 'EBADF', syscall: 'write' });
  });
});

/** What a process takes that is given this as descriptor 3, or why it does not. */
function taken(fd: number | 'ignore', where: Address): unknown {
  const code = `
    import { takeInherited } from ${JSON.stringify(new URL('./inherited.ts', import.meta.url).href)};
    const env = { LISTEN_PID: '7', LISTEN_FDS: '1' };
    try {
      console.log(JSON.stringify(takeInherited(env, 7, ${JSON.stringify(where)})));
    } catch (error) {
      console.log(JSON.stringify(error.message));
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  });
  return JSON.parse(String(stdout));
}

describe('the socket of a service manager', () => {
  for (const [what, where, listen] of [
    ['is where it would have listened', configured, { ...configured, fd: 3 }],
    [
      'is not the Unix socket where it would have listened',
      { kind: 'unix', path: '/s' },
      { kind: 'tcp', host: '0.0.0.0', port: 0, fd: 3 },
    ],
  ] as const) {
    test(`over TCP ${what}, and not its own`, async () => {
      await using server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      assert.deepEqual(taken(fdOf(server) ?? -1, where), {
        isOwner: false,
        follows: false,
        listen: { ...listen, isHeldElsewhere: true },
      });
    });
  }

  test('of a file is there, whatever was configured, a space in its name or not', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'a socket');
    await using server = createServer().listen(path);
    await once(server, 'listening');
    const expected = { isOwner: false, follows: false, listen: { kind: 'unix', path, fd: 3, isHeldElsewhere: true } };
    assert.deepEqual(taken(fdOf(server) ?? -1, configured), expected);
  });

  test('of an abstract name is no file, though there are slashes in it', async () => {
    await using server = createServer().listen(`\0trivet-${process.pid}/run/s`);
    await once(server, 'listening');
    assert.deepEqual(taken(fdOf(server) ?? -1, configured), {
      isOwner: false,
      follows: false,
      listen: { ...configured, fd: 3, isHeldElsewhere: true },
    });
  });

  test('has to be a socket', async () => {
    const file = openSync('/dev/null', 'r');
    const why = 'LISTEN_FDS: file descriptor 3 is no socket';
    assert.equal(taken(file, configured), why);
    closeSync(file);
  });
});

test('a socket has a number in the system; a file, and what is closed, has none', async () => {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fd = fdOf(server) ?? -1;
  const file = openSync('/dev/null', 'r');
  assert.deepEqual([inodeOf(fd), inodeOf(file), inodeOf(99_999)], [fstatSync(fd).ino, undefined, undefined]);
  closeSync(file);
});
