import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, type TestContext, test } from 'node:test';
import { type Asking, askedOf, check, failWith, say, strayArgument } from './check.ts';
import { StartProblem } from './load-file.ts';
import { load, table } from './settings.ts';
import { sharedSettings } from './shared-settings.ts';
import type { TierOptions } from './tier.ts';

const rows = table(
  sharedSettings('FRONT', {
    ...{ listen: '127.0.0.1:0', adminListen: '127.0.0.1:0', trustedProxies: '', maxHead: '32KB' },
    ...{ idleTimeout: '75s', gracefulTimeout: '25s' },
  }),
);

/** What a process says of itself; it is not ended. */
function hearing(t: TestContext) {
  const [out, err]: [string[], string[]] = [[], []];
  const ends: unknown[] = [];
  // The runner reports by standard output, too: what is text is ours.
  const write = process.stdout.write.bind(process.stdout);
  t.mock.method(process.stdout, 'write', (text: string | Uint8Array) =>
    typeof text === 'string' ? out.push(text) > 0 : write(text),
  );
  t.mock.method(process.stderr, 'write', (text: string) => err.push(text) > 0);
  t.mock.method(process, 'exit', () => void ends.push(process.exitCode));
  return { out, err, ends };
}

let exitCode: typeof process.exitCode;
beforeEach(() => {
  exitCode = process.exitCode;
  process.exitCode = undefined;
});
afterEach(() => {
  mock.restoreAll();
  process.exitCode = exitCode;
});

describe('the arguments of a tier', () => {
  for (const [args, asked] of [
    [[], undefined],
    [['--check'], 'check'],
    [['--check', '--check-config'], 'check-config'],
    [['--print-config', '--check-config', '--check'], 'print-config'],
    [['check'], undefined],
  ] as const) {
    test(`${args.join(' ')} ask for ${asked}`, () => assert.equal(askedOf(args), asked));
  }

  test('that there are not are told, with those that there are', () => {
    assert.equal(strayArgument(['--help', '--check', '--check-config', '--print-config']), undefined);
    assert.match(strayArgument(['--check', '--chek', 'x']) ?? '', /^"--chek" is no argument here: .*--print-config; /);
  });
});

describe('the exit code for wrong settings', () => {
  for (const [asked, code] of [
    ['check', undefined],
    ['check-config', 1],
    ['print-config', 1],
    [undefined, undefined],
  ] as const) {
    test(`of ${asked} is ${code ?? 'left as it is'}`, () => {
      failWith(asked);
      assert.equal(process.exitCode, code);
    });
  }
});

test('settings are printed where that was asked for, and only there', (t) => {
  const { out } = hearing(t);
  say(rows, 'check', {});
  say(rows, 'check-config', {});
  say(rows, undefined, {});
  assert.deepEqual(out, []);
  say(rows, 'print-config', { FRONT_LISTEN: '127.0.0.1:81' });
  t.mock.restoreAll();
  assert.match(out.join(''), /FRONT_LISTEN.*127\.0\.0\.1:81/);
});

describe('a check', () => {
  async function checked(t: TestContext, asked: Asking, more: Partial<TierOptions<typeof rows>>, env = {}) {
    const heard = hearing(t);
    const tier: TierOptions<typeof rows> = {
      ...{ name: 'static-frontend', prefix: 'FRONT', table: rows },
      start: () => assert.fail('a check starts nothing'),
      ...more,
    };
    await check(tier, load(rows, env), { asked, env });
    t.mock.restoreAll();
    return heard;
  }

  for (const [asked, more, out] of [
    ['check', {}, ['static-frontend: the settings are ok\n']],
    ['check-config', { check: async () => undefined }, ['static-frontend: ok\n']],
    ['print-config', { check: async () => undefined }, []],
  ] as const) {
    test(`of what is well says so, and ends the process: ${asked}`, async (t) => {
      assert.deepEqual(await checked(t, asked, more), { out, err: [], ends: [undefined] });
    });
  }

  for (const [asked, code] of [
    ['check', 78],
    ['check-config', 1],
  ] as const) {
    test(`of what is not well says what, and ends with ${code}: ${asked}`, async (t) => {
      const problem = new StartProblem('FRONT_SITE: no');
      const heard = await checked(t, asked, { check: () => Promise.reject(problem) });
      assert.deepEqual(heard, { out: [], err: ['static-frontend: FRONT_SITE: no\n'], ends: [code] });
    });
  }

  test('tells of a name that is nearly one, and of a log that cannot be written', async (t) => {
    const { err, ends } = await checked(t, 'check', {}, { FRONT_LISTN: 'x', LOG_FILE: '/gone/log' });
    assert.equal(err[0], 'static-frontend: FRONT_LISTN is no setting; did you mean FRONT_LISTEN?\n');
    assert.match(err[1] ?? '', /LOG_FILE: .*\/gone/);
    assert.deepEqual(ends, [78]);
  });
});
