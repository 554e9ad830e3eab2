import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { optionsVariable } from '@trivet/kit/process/print-config.ts';
import { settings } from '../../app-backend/settings.ts';
import { longName } from './option.ts';
import { options } from './options.ts';
import { ofSomeVersions, refusals } from './refusals.ts';
import { everyOption, type GivenOption, translate } from './translate.ts';

const at = { pid: 7, cwd: '/home/me', env: {} };

const given = (...pairs: readonly (readonly [name: string, value?: string])[]): GivenOption[] =>
  pairs.map(([name, value = '']) => ({ name, value, by: name }));

function translated(
  pairs: readonly (readonly [name: string, value?: string])[],
  { application = 'shop:app', env = {} }: { application?: string | undefined; env?: Record<string, string> } = {},
) {
  const line = { application, runtime: undefined, given: given(...pairs) };
  const { env: all, umask, problems } = translate(line, { ...at, env });
  const { [optionsVariable]: from = '{}', APP_APPLICATION: _app, APP_RUNTIME: _runtime, ...variables } = all;
  return { variables, from: JSON.parse(from) as Record<string, string>, umask, problems };
}

describe('an option becomes a setting', () => {
  for (const [name, value, variables] of [
    ['--bind', ':5000', { APP_LISTEN: '0.0.0.0:5000' }],
    ['--bind', 'fd://3', { LISTEN_PID: '7', LISTEN_FDS: '1' }],
    ['--backlog', '10', { APP_BACKLOG: '10' }],
    ['--workers', '4', { APP_WORKERS: '4' }],
    ['--worker-class', 'gthread', {}],
    ['--threads', '8', { APP_THREADS: '8' }],
    ['--max-requests', '1000', { APP_MAX_REQUESTS: '1000' }],
    ['--max-requests-jitter', '50', { APP_MAX_REQUESTS_JITTER: '50' }],
    ['--timeout', '60', { APP_TIMEOUT: '60s' }],
    ['--graceful-timeout', '20', { APP_GRACEFUL_TIMEOUT: '20s' }],
    ['--keep-alive', '95', { APP_IDLE_TIMEOUT: '95s' }],
    ['--keep-alive', '0', { APP_KEEPALIVE_REQUESTS: '1' }],
    ['--limit-request-line', '4094', { APP_MAX_TARGET: '4094B' }],
    ['--limit-request-line', '0', { APP_MAX_TARGET: '1GB' }],
    ['--limit-request-fields', '100', { APP_MAX_FIELDS: '100' }],
    ['--limit-request-fields', '0', { APP_MAX_FIELDS: '10000' }],
    ['--forwarded-allow-ips', '10.0.0.0/8,::1', { APP_TRUSTED_PROXIES: '10.0.0.0/8,::1,unix' }],
    ['--forwarded-allow-ips', '*', { APP_TRUSTED_PROXIES: '0.0.0.0/0,::/0,unix' }],
    ['--forwarded-allow-ips', '', { APP_TRUSTED_PROXIES: 'unix' }],
    ['--chdir', 'shop', { APP_CHDIR: '/home/me/shop' }],
    ['--preload', '', { APP_PRELOAD: 'on' }],
    ['--pythonpath', 'a,/b', { PYTHONPATH: '/b:/home/me/a:/old' }],
    ['--env', 'A=b=c', { A: 'b=c' }],
    ['--reload', '', { APP_RELOAD: 'on' }],
    ['--reload-extra-file', 'a.html', { APP_RELOAD_FILES: '/home/me/a.html' }],
    ['--access-logfile', '-', { LOG_FILE: '' }],
    ['--access-logfile', 'log', { LOG_FILE: '/home/me/log' }],
    ['--access-logformat', '%(h)s', { LOG_FORMAT: '%(h)s' }],
    ['--error-logfile', '/var/log/x', { LOG_FILE: '/var/log/x' }],
    ['--log-level', 'WARNING', { LOG_LEVEL: 'warn' }],
    ['--pid', 'a.pid', { APP_PID_FILE: '/home/me/a.pid' }],
    ['--admin', ':9001', { APP_ADMIN_LISTEN: '127.0.0.1:9001' }],
    ['--preset', 'paas', { APP_PRESET: 'paas' }],
    ['--python', 'python3.12', { APP_PYTHON: 'python3.12' }],
  ] as const) {
    test(`${name} ${value}`, () => {
      const { variables: found, from, problems } = translated([[name, value]], { env: { PYTHONPATH: '/old' } });
      assert.deepEqual([found, problems], [variables, []]);
      for (const variable of Object.keys(variables)) assert.equal(from[variable], name);
    });
  }

  for (const [mask, umask] of [
    ['022', 0o22],
    ['0o27', 0o27],
    ['18', 18],
    ['0x12', 18],
    ['0', 0],
  ] as const) {
    test(`--umask ${mask}, as Gunicorn reads it`, () => assert.equal(translated([['--umask', mask]]).umask, umask));
  }

  test('whose value says what runs the application, and which', () => {
    const line = { application: 'app.ts', runtime: undefined, given: [] };
    const { env } = translate(line, at);
    assert.deepEqual([env.APP_RUNTIME, env.APP_APPLICATION], ['node', 'app.ts:application']);
  });

  test('for the settings that exist', () => {
    const known = new Set(Object.values(settings).map(({ env }) => env));
    const named = options.flatMap(({ setting }) => setting.split(', ')).filter((name) => /^(?:APP|LOG)_/.test(name));
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });
});

describe('of several that say the same, wins', () => {
  test('the last', () =>
    assert.deepEqual(
      translated([
        ['--workers', '1'],
        ['--workers', '2'],
      ]).variables,
      { APP_WORKERS: '2' },
    ));

  test('the command line, over the variable', () => {
    const shared = { name: '--env', value: 'A=1', by: 'GUNICORN_CMD_ARGS --env' };
    const line = { application: 'shop', runtime: undefined, given: [shared, ...given(['--env', 'B=2'])] };
    const { env } = translate(line, at);
    assert.deepEqual([env.A, env.B], [undefined, '2']);
  });

  test('an option, over a variable of --env', () => {
    const { variables } = translated([
      ['--workers', '2'],
      ['--env', 'APP_WORKERS=9'],
      ['--env', 'A=1'],
    ]);
    assert.deepEqual(variables, { APP_WORKERS: '2', A: '1' });
  });
});

describe('a problem is told', () => {
  for (const [pairs, problem, application] of [
    [
      [
        ['--bind', 'a:1'],
        ['--bind', 'fd://3'],
      ],
      /^--bind: where it is given fd:/,
    ],
    [[['--bind', 'fd://4']], /^--bind: fd:\/\/4: a socket is taken as fd:\/\/3/],
    [[['--workers', 'two']], /^--workers: "two" is not a whole number from 0 to 999999999999$/],
    [[['--timeout', '1.5']], /^--timeout: "1.5" is not a whole number from 0 to 999999999999$/],
    [[['--worker-class', 'gevent']], /^--worker-class: there is no "gevent" here\. .*--threads/],
    [[['--umask', '8888']], /^--umask: "8888" is not a mask/],
    [[['--env', 'A']], /^--env: "A" is not NAME=VALUE$/],
    [[['--log-level', 'loud']], /^--log-level: "loud" is not one of debug, info/],
    [[['--threads', '2']], /^--threads is for applications of the python runtime; this one is run by node$/, 'app.ts'],
    [[['--preload']], /^--preload is for applications of the python runtime/, 'app.ts'],
    [
      [
        ['--access-logfile', 'a'],
        ['--error-logfile', 'b'],
      ],
      /^--access-logfile and --error-logfile: there is one log/,
    ],
    [[['--keyfile', 'k']], /^--keyfile is not an option here\. TLS is ended by what stands in front/],
    [[], /is a path, and a module is wanted/, 'shop.py'],
  ] as const) {
    test(`${pairs.flat().join(' ')} ${application ?? ''}`, () => {
      const { problems } = translated(pairs, application === undefined ? {} : { application });
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  test('where no application is named, by an argument or a variable', () => {
    const line = { application: undefined, runtime: undefined, given: [] };
    assert.match(translate(line, at).problems.join(), /^no application is named/);
    assert.deepEqual(translate(line, { ...at, env: { APP_APPLICATION: 'a.ts:b' } }).problems, []);
  });

  test('for one thread is what a worker of the other runtime has, too', () => {
    assert.deepEqual(translated([['--threads', '1']], { application: 'app.ts' }).problems, []);
  });

  for (const refusal of refusals) {
    test(`${longName(refusal)} is refused, and says what there is instead`, () => {
      const { problems } = translated([[longName(refusal), 'x']]);
      assert.deepEqual(problems, [`${longName(refusal)} is not an option here. ${refusal.instead}.`]);
      assert.ok(refusal.instead.length > 20);
    });
  }
});

describe('every option of Gunicorn', () => {
  const found = spawnSync('gunicorn', ['--version']).error;
  const skip = found !== undefined && process.env.REQUIRE_PEERS !== '1' && 'there is no gunicorn here';

  test('that its help tells of is in the table, with its short name, and no other is', { skip }, () => {
    const help = execFileSync('gunicorn', ['--help']).toString();
    const named = Array.from(help.matchAll(/^ {2}(-.*?)(?: {2,}.*)?$/gm), ([, line = '']) =>
      line
        .replaceAll(/ (?!-)[^\s,]+/g, '')
        .split(', ')
        .sort()
        .join(', '),
    );
    const own = ['--help, -h', '--version, -v', '--check-config', '--print-config'];
    const ours = everyOption
      .filter((option) => !('isOurs' in option))
      .map(({ names }) => names.split(', ').sort().join(', '));
    const known = new Set([...ours, ...own]);
    assert.deepEqual(
      named.filter((option) => !known.has(option)),
      [],
    );
    // Which of these it has, its version decides.
    const varying = new Set(ofSomeVersions.map(({ names }) => names));
    const others = ours.filter((option) => !varying.has(option));
    assert.deepEqual(
      others.filter((option) => !named.includes(option)),
      [],
    );
    assert.ok(named.length > 60);
  });

  test('is there once', () => {
    const names = everyOption.flatMap((option) => option.names.split(', '));
    assert.equal(new Set(names).size, names.length);
  });
});
