import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { chmod, mkdir, mkdtempDisposable, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RunningTier } from '../testing/running-tier.ts';
import { bind } from './bind.ts';
import { type SocketAccess, socketMode, socketOwner } from './socket-access.ts';

const isRoot = process.getuid?.() === 0;
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-access-'));

describe('the mode of a socket is read', () => {
  for (const [text, mode] of [
    ['', undefined],
    ['660', 0o660],
    ['0777', 0o777],
  ] as const) {
    test(`${JSON.stringify(text)}: ${mode}`, () => assert.equal(socketMode.parse(text), mode));
  }
  for (const text of ['66', '888', '0o660', 'rw', '1777']) {
    test(`${text} is none`, () =>
      assert.match(socketMode.safeParse(text).error?.message ?? '', /is not a mode in octal/));
  }
});

describe('the owner of a socket is read', () => {
  for (const [text, owner] of [
    ['', {}],
    ['root', { uid: 0 }],
    ['root:daemon', { uid: 0, gid: 1 }],
    [':daemon', { gid: 1 }],
    ['1000:2000', { uid: 1000, gid: 2000 }],
  ] as const) {
    test(`${JSON.stringify(text)}: ${JSON.stringify(owner)}`, () => assert.deepEqual(socketOwner.parse(text), owner));
  }
  for (const [text, why] of [
    ['no-such-user', /there is no user \\"no-such-user\\" in \/etc\/passwd/],
    [':no-such-group', /there is no group \\"no-such-group\\" in \/etc\/group/],
    ['root:', /is not user, user:group or :group/],
    ['a:b:c', /is not user, user:group or :group/],
  ] as const) {
    test(`${text} is none`, () => assert.match(socketOwner.safeParse(text).error?.message ?? '', why));
  }
});

describe('a socket that is bound', () => {
  for (const [what, access, expected] of [
    ['as the umask has it', undefined, 0o755],
    ['with a mode', { mode: 0o660 }, 0o660],
    ['with a mode wider than the umask', { mode: 0o777 }, 0o777],
    ['with a group alone', { gid: process.getgid?.() ?? 0 }, 0o755],
  ] as const) {
    test(`${what} has the mode ${expected.toString(8)}, and leaves the umask`, async () => {
      await using folder = await newFolder();
      const path = join(folder.path, 's');
      const before = process.umask(0o022);
      await using server = createServer();
      await bind(server, { kind: 'unix', path, ...(access && { access }) });
      assert.equal((await stat(path)).mode & 0o777, expected);
      assert.equal(process.umask(before), 0o022);
      assert.deepEqual(await readdir(folder.path), ['s']);
    });
  }

  test('has its mode as soon as it has its name', async () => {
    await using folder = await newFolder();
    const seen: Promise<number>[] = [];
    const watcher = watch(folder.path, (_what, name) => {
      if (name === 's') seen.push(stat(join(folder.path, 's')).then(({ mode }) => mode & 0o777));
    });
    await using server = createServer();
    await bind(server, { kind: 'unix', path: join(folder.path, 's'), access: { mode: 0o600 } });
    watcher.close();
    assert.ok((await Promise.all(seen)).every((mode) => mode === 0o600));
  });

  test('is given to another', { skip: !isRoot && 'only root gives files away' }, async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 's');
    await using server = createServer();
    await bind(server, { kind: 'unix', path, access: { mode: 0o640, uid: 65_534, gid: 1 } });
    const { uid, gid, mode } = await stat(path);
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, 1, 0o640]);
  });

  test('with an abstract name has no file, and goes with its process', async () => {
    const path = `@trivet-${process.pid}`;
    const server = createServer((socket) => void socket.end('hello'));
    await bind(server, { kind: 'unix', path, access: { mode: 0o600 } });
    const [said] = (await once(connect(`\0${path.slice(1)}`), 'data')) as [Buffer];
    assert.equal(String(said), 'hello');
    server.close();
    await once(server, 'close');
  });
});

test('a tier makes its socket as it is set', async () => {
  await using folder = await newFolder();
  const path = join(folder.path, 's');
  await using tier = new RunningTier({ FRONT_LISTEN: `unix:${path}`, FRONT_SOCKET_MODE: '606' });
  await tier.line('"listening"');
  assert.equal((await stat(path)).mode & 0o777, 0o606);
});

/** What is said of a socket that cannot be made, to a user who is not root. */
function complaintAbout(path: string, access?: SocketAccess): string {
  const at = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const code = `
    import { createServer } from 'node:net';
    import { bind } from ${at('./bind.ts')};
    import { complaintOf } from ${at('./complaint.ts')};
    const address = ${JSON.stringify({ kind: 'unix', path, ...(access && { access }) })};
    try {
      await bind(createServer(), address);
      console.log('it was bound');
    } catch (error) {
      console.log(complaintOf(error).problems.join());
    }
    process.exit();`;
  const who = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { ...who, cwd: '/' });
  return `${stdout}${stderr}`.trim();
}

describe('what keeps a socket from being made is named:', () => {
  for (const [what, prepare, expected] of [
    ['a folder that is not there', (at: string) => `${at}/none/deeper/s`, /unix:\S+: there is no folder \S+\/none$/],
    [
      'a folder that is a file',
      async (at: string) => {
        await writeFile(`${at}/file`, '');
        return `${at}/file/s`;
      },
      /: \S+\/file is no folder$/,
    ],
    [
      'a folder that lacks x',
      async (at: string) => {
        await mkdir(`${at}/closed/in`, { recursive: true });
        await chmod(`${at}/closed`, 0o644);
        return `${at}/closed/in/s`;
      },
      /: this user may not go through the folder \S+\/closed \(it lacks x\)$/,
    ],
    [
      'a folder that lacks w',
      async (at: string) => {
        await mkdir(`${at}/fixed`);
        await chmod(`${at}/fixed`, 0o555);
        return `${at}/fixed/s`;
      },
      /: this user may not make a file in the folder \S+\/fixed \(it lacks w\)$/,
    ],
    [
      'a regular file',
      async (at: string) => {
        await writeFile(`${at}/s`, 'precious');
        return `${at}/s`;
      },
      /: what is there is a regular file and no socket; it is left alone$/,
    ],
    [
      'a folder of that name',
      async (at: string) => {
        await mkdir(`${at}/s`);
        return `${at}/s`;
      },
      /: what is there is a folder and no socket; it is left alone$/,
    ],
  ] as const) {
    test(what, async () => {
      await using folder = await newFolder();
      await chmod(folder.path, 0o777);
      assert.match(complaintAbout(await prepare(folder.path)), expected);
      await chmod(join(folder.path, 'closed'), 0o755).catch(() => undefined);
    });
  }

  test('somebody who answers', async () => {
    await using folder = await newFolder();
    await chmod(folder.path, 0o777);
    const path = join(folder.path, 's');
    await using server = createServer();
    await bind(server, { kind: 'unix', path, access: { mode: 0o777 } });
    assert.match(complaintAbout(path), /^unix:\S+ is in use by another process$/);
  });

  test('an owner that it may not have', async () => {
    await using folder = await newFolder();
    await chmod(folder.path, 0o777);
    const said = complaintAbout(join(folder.path, 's'), { uid: 0, gid: 0 });
    assert.match(said, /^the socket cannot be given to 0:0 \(EPERM\): only root gives files away/);
    assert.deepEqual(await readdir(folder.path), []);
  });
});
