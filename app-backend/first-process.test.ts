// The app server as the first process of a container, in a table of processes of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const main = join(import.meta.dirname, 'main.ts');
const alone = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const isAllowed = spawnSync('unshare', [...alone, 'true']).status === 0;
const withinMs = 30_000;

/** Leaves an orphan, tells whose child one is by now, waits. */
const app = `
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
export async function* application(environ, startResponse) {
  const [what, of] = environ.QUERY_STRING.split('=');
  let answer = 'ok';
  if (what === 'orphan') answer = execFileSync('sh', ['-c', 'sleep 0.3 >/dev/null 2>&1 & echo $!']).toString().trim();
  if (what === 'parent') answer = existsSync('/proc/' + of) ? /PPid:\\s+(\\d+)/.exec(readFileSync('/proc/' + of + '/status', 'utf8'))[1] : 'none';
  if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, Number(of)));
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  yield Buffer.from(answer);
}
`;

test('it waits for orphans, drains at SIGTERM, and ends with 0', {
  skip: !isAllowed && 'no name spaces here',
}, async (t) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-first-'));
  await writeFile(join(folder.path, 'app.ts'), app);
  const { TRIVET_TUNED: _, ...outer } = process.env;
  const child = spawn('unshare', [...alone, process.execPath, main], {
    env: {
      ...{ ...outer, APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0' },
      ...{ APP_CHDIR: folder.path, APP_APPLICATION: 'app.ts:application', TMPDIR: folder.path },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const line = (words: string) =>
    eventually(() => {
      const found = out
        .split('\n')
        .slice(0, -1)
        .find((text) => text.includes(words));
      assert.ok(found, out);
      return JSON.parse(found) as { address: string; pid: number };
    }, withinMs);
  const { address, pid } = await line('"listening"');
  assert.notEqual(pid, 1);
  const ask = async (query: string) => await (await fetch(`${address}/?${query}`)).text();
  const orphan = await ask('orphan');
  assert.equal(await ask(`parent=${orphan}`), '1');
  await eventually(async () => assert.equal(await ask(`parent=${orphan}`), 'none'), withinMs);
  const children = spawnSync('cat', [`/proc/${child.pid}/task/${child.pid}/children`]);
  const first = Number(String(children.stdout).trim());
  process.kill(first, 'SIGUSR2');
  await line('nothing is handed over');
  const slow = ask('wait=500');
  const ended = once(child, 'exit');
  await eventually(async () => assert.equal((await ask('x')).length, 2), withinMs);
  process.kill(first, 'SIGTERM');
  assert.equal(await slow, 'ok');
  assert.deepEqual(await ended, [0, null]);
});
