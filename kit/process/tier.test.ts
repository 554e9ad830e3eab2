import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { listenSomewhere } from '../testing/place.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { RunningTier } from '../testing/running-tier.ts';

const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

const closing = /closed the second\n[\s\S]*closed the first\n/;

describe('a tier starts', { concurrency: true }, () => {
  for (const env of [
    { LOG_LEVEL: 'silent', LOG_FORMAT: 'combined' },
    { LOG_LEVEL: 'error', LOG_FORMAT: 'pretty' },
  ]) {
    test(`and says in one line of JSON where it listens, with ${JSON.stringify(env)}`, async () => {
      await using tier = new RunningTier(env);
      const { time, level, msg, address, admin, pid } = await tier.listening();
      assert.equal(typeof time, 'number');
      assert.deepEqual([level, msg, pid], ['info', 'listening', tier.child.pid]);
      assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
      const stats = await jsonOf(await fetch(`${admin}/stats`));
      assert.deepEqual([stats.tier, stats.pid, stats.connections, stats.small], ['static-frontend', pid, 0, true]);
      assert.equal(tier.complaints, '');
    });
  }

  test('and shows its settings, without secrets, its numbers and that it is ready', async () => {
    await using tier = new RunningTier({ FRONT_ADMIN_TOKEN: 'hush', FRONT_MAX_FIELDS: '9' });
    const { admin, port } = await tier.listening();
    await rawExchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await tier.line('"exchange"');
    const ask = (path: string) => fetch(`${admin}${path}`, { headers: { authorization: 'Bearer hush' } });
    const config = await jsonOf(await ask('/config'));
    assert.deepEqual([config.FRONT_ADMIN_TOKEN, config.FRONT_MAX_FIELDS, config.LOG_LEVEL], ['***', '9', 'info']);
    const metrics = await (await ask('/metrics')).text();
    assert.match(
      metrics,
      /^trivet_http_requests_total\{method="GET",status="200",outcome="done",tier="static-frontend"\} 1$/m,
    );
    assert.match(metrics, /^trivet_connections\{tier="static-frontend"\} \d+$/m);
    assert.equal((await fetch(`${admin}/ready`)).status, 200);
  });

  test('and warns of settings that nobody reads, naming the nearest one', async () => {
    await using tier = new RunningTier({ FRONT_LISTN: '127.0.0.1:1', EDGE_LISTN: 'x' });
    await tier.listening();
    const warning = JSON.parse(await tier.line('"warn"'));
    assert.equal(warning.msg, 'FRONT_LISTN is no setting of static-frontend; did you mean FRONT_LISTEN?');
    assert.doesNotMatch(tier.out, /EDGE_LISTN/);
  });

  test('or with --help prints its settings and ends with 0', async () => {
    await using tier = new RunningTier({ FRONT_LISTEN: 'nonsense' }, ['--help']);
    assert.equal(await tier.exitCode(), 0);
    assert.match(tier.out, /^usage: node static-frontend\/main\.ts\n/);
    assert.match(tier.out, /^ {2}FRONT_GRACEFUL_TIMEOUT=25s +How long .*$/m);
    assert.equal(tier.complaints, '');
  });
});

describe('a tier that is only checked', { concurrency: true }, () => {
  test('says that all is well, opens nothing, and ends with 0', async () => {
    await using tier = new RunningTier({ FRONT_LISTN: 'x' }, ['--check']);
    assert.equal(await tier.exitCode(), 0);
    assert.equal(tier.out, 'static-frontend: ok\n');
    assert.equal(tier.complaints, 'static-frontend: FRONT_LISTN is no setting; did you mean FRONT_LISTEN?\n');
  });

  for (const [what, env, said] of [
    ['its settings', { FRONT_START: 'sideways' }, /^static-frontend: FRONT_START: "sideways" is not one of/],
    ['what it would load', { FRONT_START: 'problem' }, /^static-frontend: FRONT_START: there is a problem\n$/],
  ] as const) {
    test(`names what is wrong with ${what}, and ends with 78`, async () => {
      await using tier = new RunningTier(env, ['--check']);
      assert.equal(await tier.exitCode(), 78);
      assert.match(tier.complaints, said);
      assert.equal(tier.out, '');
    });
  }
});

test('a tier takes its files anew at SIGHUP, and goes on', async () => {
  await using tier = new RunningTier({});
  const { admin } = await tier.listening();
  tier.child.kill('SIGHUP');
  await tier.line('reloads');
  assert.equal((await fetch(`${admin}/live`)).status, 200);
});

describe('a tier that cannot start', { concurrency: true }, () => {
  test('names all problems of its settings before it listens, and ends with 78', async () => {
    await using tier = new RunningTier({
      FRONT_LISTEN: 'nonsense',
      FRONT_ADMIN_LISTEN: '0.0.0.0:0',
      FRONT_MAX_HEAD: '1',
      FRONT_START: 'never',
      FRONT_ANSWERS: '0',
    });
    assert.equal(await tier.exitCode(), 78);
    assert.equal(tier.out, '');
    assert.deepEqual(tier.complaints.trimEnd().split('\n'), [
      'static-frontend: FRONT_LISTEN: "nonsense" is not HOST:PORT or unix:PATH',
      'static-frontend: FRONT_MAX_HEAD: "1" is not a size such as 64KB, 256MB or 2GB (units: B, KB, MB, GB)',
      'static-frontend: FRONT_ADMIN_LISTEN: 0.0.0.0:0 is reachable from other machines; set FRONT_ADMIN_TOKEN, or listen on 127.0.0.1',
      'static-frontend: FRONT_START: never and mute?',
    ]);
  });

  for (const args of [['--chek'], ['--check', 'app.ts']]) {
    test(`with the arguments ${args.join(' ')} names the one that it does not know, and those there are`, async () => {
      await using tier = new RunningTier({}, args);
      assert.equal(await tier.exitCode(), 78);
      const known = '--help, --check, --check-config, --print-config; settings are variables (--help)';
      assert.equal(tier.complaints, `static-frontend: "${args.at(-1)}" is no argument here: there are ${known}\n`);
      assert.equal(tier.out, '');
    });
  }

  test('for what the user must mend says so in one line, closes what it opened, and ends with 78', async () => {
    await using tier = new RunningTier({ FRONT_START: 'problem' });
    assert.equal(await tier.exitCode(), 78);
    assert.equal(tier.complaints, 'static-frontend: FRONT_START: there is a problem\n');
    assert.match(tier.out, closing);
  });

  test('for what nobody foresaw shows where, and ends with 1', async () => {
    await using tier = new RunningTier({ FRONT_START: 'throws' });
    assert.equal(await tier.exitCode(), 1);
    assert.match(tier.complaints, /^static-frontend: Error: unforeseen\n {4}at /);
    assert.match(tier.out, closing);
  });

  for (const name of ['FRONT_LISTEN', 'FRONT_ADMIN_LISTEN']) {
    test(`because ${name} is taken says so in one line, closes what it opened, and ends with 1`, async () => {
      await using other = createServer();
      const { port } = await listenSomewhere(other);
      await using tier = new RunningTier({ [name]: `127.0.0.1:${port}` });
      assert.equal(await tier.exitCode(), 1);
      const why = `127.0.0.1:${port} is in use; stop what listens there, or choose another address`;
      assert.equal(tier.complaints, `static-frontend: ${name}: ${why}\n`);
      assert.match(tier.out, closing);
      assert.doesNotMatch(tier.out, /listening/);
    });
  }

  test('because its socket is a file or has no folder says so in one line', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
    const path = join(folder.path, 'file');
    await writeFile(path, '');
    await using taken = new RunningTier({ FRONT_LISTEN: `unix:${path}` });
    await using nowhere = new RunningTier({ FRONT_LISTEN: `unix:${path}s/app.sock` });
    assert.deepEqual([await taken.exitCode(), await nowhere.exitCode()], [1, 1]);
    assert.equal(
      taken.complaints,
      `static-frontend: FRONT_LISTEN: unix:${path}: what is there is a regular file and no socket; it is left alone\n`,
    );
    assert.equal(
      nowhere.complaints,
      `static-frontend: FRONT_LISTEN: unix:${path}s/app.sock: there is no folder ${path}s\n`,
    );
  });
});
