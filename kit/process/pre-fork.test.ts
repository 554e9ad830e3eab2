// A tier that has workers of its own in one process, as one is that runs another language.
import assert from 'node:assert/strict';
import { mkdtempDisposable, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RunningTier } from '../testing/running-tier.ts';

const program = new URL('../testing/pre-fork-tier.ts', import.meta.url);

async function running() {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-pre-fork-')));
  const touched = join(folder.path, 'touched');
  for (const [name, text] of [
    ['verdict', 'well'],
    ['touched', ''],
  ] as const)
    await writeFile(join(folder.path, name), text);
  const tier = building.use(new RunningTier({ TMPDIR: folder.path, APP_TOUCH_FILE: touched }, [], program));
  const { port, admin } = await tier.listening();
  const whole = building.move();
  const write = (verdict: string) => writeFile(join(folder.path, 'verdict'), verdict);
  return { tier, port, admin, touched, write, [Symbol.asyncDispose]: () => whole.disposeAsync() };
}

describe('a process that has workers of its own', { concurrency: 2 }, () => {
  test('has them replaced at SIGHUP, by its admin API and by a file; and more or fewer of them', async () => {
    await using r = await running();
    r.tier.child.kill('SIGHUP');
    await r.tier.line('reload: SIGHUP');
    await utimes(r.touched, 1, 1);
    await r.tier.line('touched was touched');
    for (const [signal, by] of [
      ['SIGTTIN', 1],
      ['SIGTTOU', -1],
    ] as const) {
      r.tier.child.kill(signal);
      await r.tier.line(`resize ${by}`);
    }
    const well = await fetch(`${r.admin}/reload`, { method: 'POST' });
    assert.deepEqual([well.status, await well.json()], [200, { reloaded: true, generation: 2 }]);
    await r.write('oh no');
    const refused = await fetch(`${r.admin}/reload`, { method: 'POST' });
    assert.deepEqual([refused.status, await refused.json()], [500, { reloaded: false, error: 'oh no' }]);
  });

  for (const [what, signals, answer] of [
    ['lets what is in flight finish at SIGTERM', ['SIGTERM'], 200],
    ['does not at SIGQUIT', ['SIGQUIT'], 'reset'],
    ['nor at SIGINT behind a SIGTERM', ['SIGTERM', 'SIGINT'], 'reset'],
  ] as const) {
    test(`${what}, closes what it opened, and ends with 0`, async () => {
      await using r = await running();
      const asked = fetch(`http://127.0.0.1:${r.port}/`).then(
        ({ status }) => status,
        () => 'reset',
      );
      await r.tier.line('asked');
      for (const signal of signals) {
        r.tier.child.kill(signal);
        // The first is said; and what a second one asks for is not to come before it.
        await r.tier.line(signals[0]);
      }
      assert.equal(await asked, answer);
      assert.equal(await r.tier.exitCode(), 0);
      assert.match(r.tier.out, /^closed$/m);
    });
  }
});
