import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, mkdtempDisposable, readFile, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { RunningTier } from '../testing/running-tier.ts';
import type { Taken } from './line-writer.ts';
import { LogFile } from './log-file.ts';

const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-log-file-'));
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

function write(file: LogFile, text: string): Promise<Taken> {
  return new Promise((resolve) => file.write(Buffer.from(text), resolve));
}

describe('a log file', () => {
  test('is appended to, and is for its owner and group alone', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'log');
    assert.equal(await write(new LogFile(path), 'a\n'), 'taken');
    assert.equal(await write(new LogFile(path), 'b\n'), 'taken');
    assert.equal(await readFile(path, 'utf8'), 'a\nb\n');
    assert.equal((await stat(path)).mode & 0o007, 0);
  });

  test('that is opened anew during a write has that write as a whole in the file of before', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'log');
    const file = new LogFile(path);
    const line = `${'x'.repeat(100_000)}\n`;
    const writing = write(file, line);
    await rename(path, `${path}.1`);
    file.reopen();
    file.reopen();
    assert.equal(await writing, 'taken');
    await write(file, 'next\n');
    file.writeNow(Buffer.from('last\n'));
    assert.deepEqual([await readFile(`${path}.1`, 'utf8'), await readFile(path, 'utf8')], [line, 'next\nlast\n']);
  });

  test('that cannot be opened anew goes on where it was', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'sub');
    const file = new LogFile(path);
    await rename(path, join(folder.path, 'moved'));
    execFileSync('mkdir', [path]);
    assert.throws(() => file.reopen(), /LOG_FILE: .*EISDIR/);
    await write(file, 'a\n');
    assert.equal(await readFile(join(folder.path, 'moved'), 'utf8'), 'a\n');
  });

  test('on a full disk loses what it is given, and throws nothing', { skip: !existsSync('/dev/full') }, async () => {
    const file = new LogFile('/dev/full');
    assert.equal(await write(file, 'a\n'), 'failed');
    file.writeNow(Buffer.from('b\n'));
  });
});

describe('a tier with LOG_FILE', { concurrency: 2 }, () => {
  for (const workers of ['1', '2']) {
    test(`of ${workers} workers follows its file at SIGUSR1, and no line is lost or torn`, async () => {
      await using folder = await newFolder();
      const path = join(folder.path, 'log');
      const wanted = 350;
      await using tier = new RunningTier({ LOG_FILE: path, FRONT_WORKERS: workers, LOG_SKIP: '/skipped' });
      const { port } = await tier.listening();
      const ask = async (from: number, to: number) => {
        for (let i = from; i < to; i++) await rawExchange(port, get(`/${i}`));
        await rawExchange(port, get('/skipped'));
      };
      const moveAway = async (at: number) => {
        await rename(path, `${path}.${at}`);
        tier.child.kill('SIGUSR1');
        const asked = ask(at, at + 100);
        await eventually(() => access(path));
        await asked;
      };
      await ask(0, 50);
      for (const at of [50, 150, 250]) await moveAway(at);
      const files = [`${path}.50`, `${path}.150`, `${path}.250`, path];
      await eventually(async () => {
        const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
        const lines = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line));
        const targets = lines.filter(({ msg }) => msg === 'exchange').map(({ target }) => target);
        assert.equal(targets.length, wanted);
        assert.deepEqual(new Set(targets).size, wanted);
        assert.match(texts[0] ?? '', /"exchange"/);
        assert.match(texts[3] ?? '', /"exchange"/);
        assert.match(texts[0] ?? '', /"listening"/);
      }, 10_000);
      assert.doesNotMatch(tier.out, /"exchange"/);
      assert.equal(tier.child.exitCode, null);
    });
  }

  test('that cannot be opened does not start, and says why', async () => {
    for (const args of [[], ['--check']]) {
      await using tier = new RunningTier({ LOG_FILE: '/nowhere/log' }, args);
      assert.equal(await tier.exitCode(), 78);
      assert.match(tier.complaints, /^static-frontend: LOG_FILE: the log cannot be written there: ENOENT: .*\n$/);
    }
  });

  test('on a full disk serves all the same, and counts what it loses', { skip: !existsSync('/dev/full') }, async () => {
    await using tier = new RunningTier({ LOG_FILE: '/dev/full' });
    const { port, admin } = await tier.listening();
    for (let i = 0; i < 5; i++) assert.match(await rawExchange(port, get('/')), /200 OK/);
    await eventually(async () => {
      const metrics = await (await fetch(`${admin}/metrics`)).text();
      assert.match(metrics, /^trivet_log_lines_dropped_total\{[^}]*\} [1-9]\d*$/m);
    });
  });
});

test('SIGUSR1 does nothing to a tier that logs to its standard output', async () => {
  await using tier = new RunningTier({});
  const { port } = await tier.listening();
  tier.child.kill('SIGUSR1');
  assert.match(await rawExchange(port, get('/')), /200 OK/);
  await tier.line('"exchange"');
  assert.doesNotMatch(tier.complaints, /Debugger/);
});
