import assert from 'node:assert/strict';
import { mkdtempDisposable, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import type { Admin } from './admin.ts';
import type { Inherited, Word } from './hand-over/inherited.ts';
import { StartProblem } from './load-file.ts';
import { openLog } from './log.ts';
import { alone, complainTo, estateOf, logOf, type Shared } from './place.ts';
import { load } from './settings.ts';
import { sharedSettings } from './shared-settings.ts';

const table = sharedSettings('FRONT', {
  ...{ listen: '127.0.0.1:0', adminListen: '127.0.0.1:0', trustedProxies: '' },
  ...{ maxHead: '32KB', idleTimeout: '75s', gracefulTimeout: '25s' },
});
const shared = (env: Readonly<Record<string, string>> = {}): Shared => load(table, env);

const admin = (over: Partial<Admin> = {}): Admin => ({
  ...{ url: 'http://127.0.0.1:9', fd: 8, letGo: () => undefined },
  [Symbol.asyncDispose]: async () => undefined,
  ...over,
});

/** Who came before, and what it is told. */
function predecessor() {
  const told: Word[] = [];
  const inherited: Inherited = { isOwner: true, follows: false, tell: (word) => void told.push(word) };
  return { told, inherited };
}

// What is said here is said by the whole process.
const signals = ['SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  for (const signal of signals) process.removeAllListeners(signal);
  process.exitCode = undefined;
});

describe('what can be handed over', () => {
  for (const [url, address] of [
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['unix:/run/http://s', 'unix:/run/http://s'],
  ] as const) {
    test(`is a socket by number, and where it is bound: ${address}`, () => {
      assert.deepEqual(estateOf([{ fd: 7, url }], admin(), true), {
        ...{ listen: 7, admin: 8, owns: true },
        addresses: { listen: address, admin: '127.0.0.1:9' },
      });
    });
  }

  test('may be a socket whose file is another’s, and one of number 0', () => {
    const estate = estateOf([{ fd: 0, url: 'unix:/s' }], admin({ fd: 0, url: 'unix:/a' }), false);
    const addresses = { listen: 'unix:/s', admin: 'unix:/a' };
    assert.deepEqual(estate, { listen: 0, admin: 0, owns: false, addresses });
  });

  test('may be several sockets', () => {
    const url = 'http://127.0.0.1:1';
    const estate = estateOf(
      [
        { fd: 6, url },
        { fd: 9, url: 'unix:/s' },
      ],
      admin(),
      true,
    );
    assert.deepEqual(estate, {
      ...{ listen: 6, admin: 8, owns: true, addresses: { listen: '127.0.0.1:1', admin: '127.0.0.1:9' } },
      more: [{ listen: 9, address: 'unix:/s' }],
    });
  });

  for (const [what, fd, adminFd] of [
    ['one', undefined, 8],
    ['the other', 7, undefined],
  ] as const) {
    test(`is nothing where ${what} of the sockets is out of reach`, () => {
      const estate = estateOf(
        [
          { fd: 6, url: 'http://a:2' },
          { fd, url: 'http://a:1' },
        ],
        admin({ fd: adminFd }),
        true,
      );
      assert.equal(estate, 'its listening sockets cannot be reached');
    });
  }
});

describe('a process that does not come to serve', () => {
  for (const [what, error, problems, code] of [
    [
      'what the user is to mend',
      new StartProblem('a is wrong', { problems: ['a is wrong', 'b too'] }),
      ['a is wrong', 'b too'],
      78,
    ],
    ['what nobody foresaw', 'odd', ['odd'], 1],
  ] as const) {
    test(`tells who came before ${what}, and ends with ${code}`, () => {
      const { told, inherited } = predecessor();
      complainTo(inherited, 'app-backend', error);
      assert.deepEqual([told, process.exitCode], [[{ trivet: 'failed', problems, code }], code]);
    });
  }
});

describe('a process that serves alone', () => {
  const standing = (env: Readonly<Record<string, string>> = {}) => {
    const { told, inherited } = predecessor();
    const announced: unknown[] = [];
    const announce = (msg: string, fields: object) => void announced.push({ msg, ...fields, before: [...told] });
    const open = {
      ...openLog({ tier: 'static-frontend', level: 'silent', format: 'json', buffer: 1_000, sample: 1 }),
      announce,
    };
    return {
      told,
      announced,
      place: alone({ name: 'static-frontend', prefix: 'FRONT' }, shared(env), open, inherited),
    };
  };
  const listening = {
    ...{ url: 'http://127.0.0.1:7', isDraining: false, fd: 7 },
    connections: () => 0,
    drain: async () => 'clean' as const,
  };

  test('has its admin API where it was told', () => {
    const { place } = standing({ FRONT_ADMIN_LISTEN: '127.0.0.1:5', FRONT_ADMIN_TOKEN: 'hush' });
    const listen = { kind: 'tcp', host: '127.0.0.1', port: 5 };
    assert.deepEqual(place.admin, { listen, setting: 'FRONT_ADMIN_LISTEN', token: 'hush' });
    assert.equal(place.siblings, undefined);
  });

  test('says where it listens before who came before may let go', () => {
    const { place, announced, told } = standing();
    place.ready({ listening, admin: admin(), reloads: true });
    const [address, url] = ['http://127.0.0.1:7', 'http://127.0.0.1:9'];
    assert.deepEqual(announced, [{ msg: 'listening', address, admin: url, pid: process.pid, before: [] }]);
    assert.deepEqual(told, [{ trivet: 'ready' }]);
  });

  test('says all addresses where there are several, the first one by itself, too', () => {
    const { place, announced } = standing();
    const [first, second] = ['http://127.0.0.1:7', 'unix:/run/s'];
    place.ready({ listening: { ...listening, alsoAt: [{ url: second, fd: 8 }] }, admin: admin(), reloads: true });
    assert.partialDeepStrictEqual(announced, [{ address: first, addresses: [first, second] }]);
  });

  test('tells who came before why it does not', () => {
    const { place, told } = standing();
    void place.complain('odd');
    assert.deepEqual(told, [{ trivet: 'failed', problems: ['odd'], code: 1 }]);
  });

  test('reloads at SIGHUP, until nobody minds it any more', () => {
    const { place } = standing();
    let times = 0;
    const minding = place.onReload(() => {
      times += 1;
    });
    process.emit('SIGHUP', 'SIGHUP');
    minding[Symbol.dispose]();
    process.emit('SIGHUP', 'SIGHUP');
    assert.equal(times, 1);
  });

  test('is told to stop by a signal', async () => {
    const { place } = standing();
    process.emit('SIGINT', 'SIGINT');
    assert.deepEqual(await place.told, { signal: 'SIGINT' });
  });
});

describe('the log of a process', () => {
  test('is none where its file cannot be, which is a complaint', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-place-'));
    const file = join(folder.path, 'no', 'log');
    assert.equal(logOf('edge-cache', shared({ LOG_FILE: file }), undefined), undefined);
    assert.deepEqual([process.exitCode, process.listenerCount('SIGUSR1')], [78, 0]);
  });

  test('is of this tier and worker, at this level, and follows its file at SIGUSR1', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-place-'));
    const file = join(folder.path, 'log');
    const post = { number: 3, of: 4, admin: '/a' };
    const open = logOf('edge-cache', shared({ LOG_FILE: file, LOG_LEVEL: 'warn' }), post);
    open?.log.info('quiet');
    open?.log.warn('first');
    await eventually(async () => assert.match(await readFile(file, 'utf8'), /first/));
    await rename(file, `${file}.1`);
    process.emit('SIGUSR1', 'SIGUSR1');
    open?.log.warn('second');
    await open?.close();
    const [old, now] = await Promise.all([`${file}.1`, file].map((path) => readFile(path, 'utf8')));
    const { tier, worker, msg } = JSON.parse(now ?? '');
    assert.deepEqual([tier, worker, msg], ['edge-cache', 3, 'second']);
    assert.doesNotMatch(`${old}`, /quiet|second/);
  });

  test('minds SIGUSR1 without a file, too', async () => {
    const open = logOf('edge-cache', shared(), undefined);
    assert.equal(process.listenerCount('SIGUSR1'), 1);
    await open?.close();
  });
});
