import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { Fault } from '../semantics/fault.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { logExchange } from './log.ts';

const run = promisify(execFile);

/** What a process writes to its standard output that opens a log and does this with it. */
async function linesOf(options: { level: string; format: string }, statements: string): Promise<string[]> {
  const script = `
    import { openLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    import { Fault } from ${JSON.stringify(new URL('../semantics/fault.ts', import.meta.url).href)};
    const { log, accessLog, announce, relay, close } = openLog({ tier: 'edge-cache', buffer: 65536, sample: 1, ...${JSON.stringify(options)} });
    ${statements}
    await close();
    log.fatal('too late');
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.split('\n').slice(0, -1);
}

const parsed = (line: string | undefined): Record<string, unknown> => JSON.parse(line ?? '');

describe('the log of a tier', () => {
  test('has one JSON object per line, with tier, time and the name of the level', async () => {
    const [said, broke, more] = await linesOf(
      { level: 'info', format: 'json' },
      `log.info({ n: 1 }, 'two\\nlines'); log.debug('unsaid');
       const fault = new Fault('refused', 'the app refused', { cause: new Error('ECONNREFUSED') });
       log.warn({ fault }, 'broke'); log.error({ err: fault }, 'seen');`,
    );
    const { time, ...rest } = parsed(said);
    assert.equal(typeof time, 'number');
    assert.deepEqual(rest, { level: 'info', tier: 'edge-cache', n: 1, msg: 'two\nlines' });
    assert.deepEqual(parsed(broke).fault, { reason: 'refused', message: 'the app refused', cause: 'ECONNREFUSED' });
    assert.match(String((parsed(more).err as { stack: unknown }).stack), /the app refused[\s\S]* at /);
  });

  for (const [format, said] of [
    ['json', '{"level":"info","time":0,"tier":"app-backend","msg":"ready"}'],
    ['pretty', '00:00:00.000 info  ready'],
  ] as const) {
    test(`has what another process logged, in the form ${format}`, async () => {
      const line = '{"level":"info","time":0,"tier":"app-backend","msg":"ready"}';
      assert.deepEqual(await linesOf({ level: 'info', format }, `relay(${JSON.stringify(line)});`), [said]);
    });
  }

  for (const [level, format] of [
    ['silent', 'json'],
    ['error', 'pretty'],
    ['info', 'combined'],
  ] as const) {
    test(`announces in JSON at level ${level} and in format ${format}, in its place among the other lines`, async () => {
      const all = await linesOf(
        { level, format },
        `log.error('before'); announce('listening', { address: 'http://a' }); log.error('after');`,
      );
      const at = all.findIndex((line) => line.includes('listening'));
      const { time, ...announced } = parsed(all[at]);
      assert.equal(typeof time, 'number');
      assert.deepEqual(announced, { level: 'info', tier: 'edge-cache', msg: 'listening', address: 'http://a' });
      assert.deepEqual([at, all.length], level === 'silent' ? [0, 1] : [1, 3]);
      if (level !== 'silent') assert.match(all[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} error before$/);
    });
  }
});

const nodeOptions = ['--input-type=module', '-e'];

async function throughSocket(script: string): Promise<string> {
  return await text(spawn(process.execPath, [...nodeOptions, script], { stdio: ['ignore', 'pipe', 'ignore'] }).stdout);
}

async function throughPipe(script: string): Promise<string> {
  const command = ['-c', '"$@" | cat', 'sh', process.execPath, ...nodeOptions, script];
  return await text(spawn('sh', command, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout);
}

async function intoFile(script: string): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-log-'));
  const file = join(folder.path, 'log');
  await using handle = await open(file, 'w');
  const child = spawn(process.execPath, [...nodeOptions, script], { stdio: ['ignore', handle.fd, 'ignore'] });
  await once(child, 'exit');
  return await readFile(file, 'utf8');
}

for (const [how, end] of [
  ['ends without being asked to', ''],
  ['is ended on the spot', 'process.exit(3);'],
  ['breaks down', "throw new Error('unforeseen');"],
] as const) {
  test(`a process that ${how} has written all its lines, to a socket, a pipe or a file`, async () => {
    const script = `
      import { openLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
      const { log, accessLog } = openLog({ tier: 'edge-cache', level: 'info', format: 'json', buffer: 65536, sample: 1 });
      log.info('first');
      for (const id of ['a', 'b']) accessLog.exchange({ id, status: 200 });
      log.warn('last');
      ${end}
    `;
    for (const written of [await throughSocket(script), await throughPipe(script), await intoFile(script)]) {
      const lines = written.split('\n').slice(0, -1).map(parsed);
      const said = lines.map(({ msg, id }) => id ?? msg);
      // A file is written to by a thread: what it had in hand when the process ended may come after the rest.
      assert.deepEqual(said.toSorted(), ['a', 'b', 'first', 'last']);
    }
  });
}

test('a tier goes on, and ends, though nobody reads its log any more', async () => {
  const script = `
    import { openLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    const { log, announce, close } = openLog({ tier: 'edge-cache', level: 'info', format: 'json', buffer: 65536, sample: 1 });
    await new Promise((told) => process.stdin.once('data', told));
    for (let i = 0; i < 3; i++) {
      log.info('unread');
      announce('unread', {});
      await new Promise((turn) => setImmediate(turn));
    }
    await close();
    process.exit(7);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.destroy();
  child.stdin.write('go');
  const [code] = await once(child, 'exit');
  assert.equal(code, 7);
});

describe('an exchange is one line', () => {
  const record: ExchangeRecord = {
    id: 'i',
    client: '192.0.2.1',
    method: 'GET',
    target: '/',
    host: 'a',
    version: '1.1',
    status: 200,
    bytes: 1,
    ms: 1,
    outcome: 'done',
  };
  const logged = (extra: Partial<ExchangeRecord>) => {
    const written: string[] = [];
    const log = pino({ formatters: { level: (level) => ({ level }) } }, { write: (line) => void written.push(line) });
    logExchange(log, { ...record, ...extra });
    return written.map(parsed);
  };

  for (const [what, fault, level] of [
    ['nobody’s', undefined, 'info'],
    ['the client’s', new Fault('bad-request', 'x'), 'info'],
    ['the next hop’s', new Fault('refused', 'x'), 'warn'],
    ['our own', new Fault('internal', 'x', { cause: new Error('why') }), 'error'],
  ] as const) {
    test(`at level ${level} when what broke was ${what} fault`, () => {
      const written = logged({ fault });
      assert.equal(written.length, 1);
      assert.equal(written[0]?.level, level);
      assert.equal(written[0]?.msg, 'exchange');
      assert.equal(written[0]?.target, '/');
      assert.equal('err' in (written[0] ?? {}), level === 'error');
    });
  }
});
