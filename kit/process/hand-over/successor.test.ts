import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../testing/eventually.ts';
import { isAlive } from '../../testing/is-alive.ts';
import { runProgram } from '../../testing/program-run.ts';
import { nodeFlags } from '../tune.ts';

const program = fileURLToPath(new URL('../../testing/successor-program.ts', import.meta.url));

/** What comes of a process that does this, in the words of the one that began it and that has ended by itself. */
async function begun(begin: 'try' | 'hand over', does: string, env: Readonly<Record<string, string>> = {}) {
  await using run = runProgram([...nodeFlags.slice(0, 1), program, does], { BEGIN: begin, ...env });
  const { child, told } = run;
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0, told.complaints);
  const outcome = await eventually(() => JSON.parse(told.out));
  if (outcome.is !== 'up') return outcome;
  const goesOn = isAlive(outcome.pid);
  // It has the standard output of the first, which is not closed before it ends.
  if (goesOn) process.kill(outcome.pid, 'SIGKILL');
  return { ...outcome, goesOn };
}

const down = (why: string, said: readonly string[] = []) => ({ is: 'down', why, said });

describe('a new process that is tried out', { concurrency: 2 }, () => {
  const last = Array.from({ length: 20 }, (_, at) => `line ${at + 6}`);
  for (const [does, env, expected] of [
    ['complains at length', {}, down('exit code 3', last)],
    ['is killed', {}, down('SIGTERM')],
    ['hangs', { ABORT: 'meanwhile' }, down('it was told to stop')],
    ['ends well', { ABORT: 'before' }, down('it was told to stop')],
    ['is not there', { EXEC: '/no/node' }, down('spawn /no/node ENOENT')],
  ] as const) {
    test(`does not do: it ${does} ${Object.values(env)}`, async () => {
      assert.deepEqual(await begun('try', does, env), expected);
    });
  }

  test('does when it ends well', async () => {
    const { is, pid } = await begun('try', 'ends well');
    assert.deepEqual([is, typeof pid], ['up', 'number']);
  });

  test('is the same program with the same arguments, only to check, and is given nothing', async () => {
    const { why, said } = await begun('try', 'shows itself');
    const { args, execArgv, handed, tuned } = JSON.parse(said[0]);
    assert.deepEqual([why, args, handed, tuned], ['exit code 4', ['shows itself', '--check'], undefined, '1']);
    assert.deepEqual(execArgv.toSorted(), nodeFlags.toSorted(), 'each flag once');
  });
});

describe('a new process that is to go on', { concurrency: 2 }, () => {
  for (const [does, env, expected] of [
    ['cannot serve', {}, down('exit code 78', ['a is wrong', 'b is wrong'])],
    ['ends well', {}, down('exit code 0')],
    ['is killed', {}, down('SIGTERM')],
    ['hangs', { ABORT: 'meanwhile' }, down('it was told to stop')],
    ['is not there', { EXEC: '/no/node' }, down('spawn /no/node ENOENT')],
    ['speaks another language', {}, down('exit code 1', ['hello', 'null', '7', '{}', '{"trivet":"failed"}'])],
  ] as const) {
    test(`does not: it ${does}`, async () => {
      const { inodes: _, addresses: __, ...outcome } = await begun('hand over', does, env);
      assert.deepEqual(outcome, expected);
    });
  }

  test('does from its word on: nothing ends it any more, and nobody waits for its end', async () => {
    const { is, who, goesOn } = await begun('hand over', 'serves');
    assert.deepEqual([is, who, goesOn], ['up', 'the other one', true]);
  });

  test('is given the sockets and told which is which', async () => {
    const { said, inodes, addresses } = await begun('hand over', 'shows itself');
    const other = JSON.parse(said[0]);
    assert.deepEqual([other.args, other.tuned, other.inodes], [['shows itself'], '1', inodes]);
    assert.deepEqual(JSON.parse(other.handed), { listen: 3, admin: 4, tell: 5, owns: false, addresses });
  });
});
