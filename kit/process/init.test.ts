// The first process of a container, in a table of processes of its own.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';

const init = join(import.meta.dirname, 'init.sh');
const alone = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const isAllowed = spawnSync('unshare', [...alone, 'true']).status === 0;
const shells = ['dash', 'bash', 'busybox'].filter((name) => spawnSync(name, ['-c', 'true']).error === undefined);

/** What is run under it says that it is up, and each signal that it gets; at SIGTERM it ends with 7. */
const program = `
  for (const name of ['INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'TTIN', 'TTOU', 'WINCH']) {
    process.on('SIG' + name, () => console.log(name));
  }
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1e6);
  console.log('up');
`;

/** An orphan of it, that has ended, is in no table any more. */
const orphaned = `
  orphan=$(sh -c 'sleep 0.1 >/dev/null & echo $!')
  grep PPid "/proc/$orphan/status"
  sleep 0.4
  if [ -e "/proc/$orphan" ]; then echo is there; else echo is gone; fi
`;

function started(shell: string, args: readonly string[]) {
  const sh = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
  const child = spawn('unshare', [...alone, ...sh, init, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => (await lines.next()).value as string | undefined };
}

/** The one that is the first in there, by its number out here. */
async function firstOf(child: ChildProcess): Promise<number> {
  const { stdout } = spawnSync('cat', [`/proc/${child.pid}/task/${child.pid}/children`]);
  return Number(String(stdout).trim());
}

async function codeOf(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

describe('the first process of a container', { skip: !isAllowed && 'no name spaces may be made here' }, () => {
  for (const shell of shells) {
    test(`${shell}: gives signals on, and ends as its program does`, async (t) => {
      const { child, next } = started(shell, [process.execPath, '-e', program]);
      t.after(() => child.kill('SIGKILL'));
      assert.equal(await next(), 'up');
      const first = await firstOf(child);
      for (const name of ['INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'TTIN', 'TTOU', 'WINCH']) {
        process.kill(first, `SIG${name}` as NodeJS.Signals);
        assert.equal(await next(), name);
      }
      const ended = codeOf(child);
      process.kill(first, 'SIGTERM');
      assert.equal(await ended, 7);
    });

    test(`${shell}: waits for those whose parents are gone`, async (t) => {
      const { child, next } = started(shell, ['sh', '-c', orphaned]);
      t.after(() => child.kill('SIGKILL'));
      assert.match(String(await next()), /PPid:\s+1$/);
      assert.equal(await next(), 'is gone');
    });

    test(`${shell}: tells that a signal ended its program, and gives it what it reads`, async () => {
      const { child } = started(shell, ['sh', '-c', 'read signal; kill -s "$signal" $$']);
      const ended = codeOf(child);
      child.stdin.end('KILL\n');
      assert.equal(await ended, 137);
    });
  }
});
