// Python workers as they are run: code that does not come up any more.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { withPython } from './src/testing/python.ts';
import { helloApp, type PythonTier, pythonTier } from './src/testing/python-tier.ts';

/** Importing it ends the process for as long as the file `broken` is there. */
const fallingApp = `import os
if os.path.exists(os.path.join(os.path.dirname(__file__), 'broken')):
    os._exit(3)
${helloApp}`;

const withinMs = 60_000;

async function readiness({ admin }: PythonTier): Promise<[status: number, why: unknown]> {
  const response = await fetch(`${admin}/ready`);
  const { why } = (await response.json()) as { why?: unknown };
  return [response.status, why];
}

test(
  'while no worker comes up nobody waits; who did is answered, and all is as before when one does',
  withPython,
  async () => {
    await using stand = await pythonTier({ 'site_app.py': fallingApp }, { APP_QUEUE_TIMEOUT: '10m' });
    assert.equal(await (await fetch(stand.url)).text(), 'hello');
    stand.code.write('broken', '');
    const [worker] = await stand.serving();
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await eventually(async () => assert.equal((await stand.serving()).length, 0), withinMs);
    const waited = await fetch(stand.url);
    assert.equal((await stand.stats()).arbiter.isHopeless, true);
    const posted = await fetch(stand.url, { method: 'POST', body: 'x' });
    for (const answer of [waited, posted, await fetch(stand.url)]) {
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
      assert.match(await answer.text(), /no-worker/);
    }
    const [status, why] = await readiness(stand);
    assert.equal(status, 503);
    assert.match(String(why), /^hopeless: 1 of 1 workers fall again and again: .*exit code 3/);
    rmSync(join(stand.code.folder, 'broken'));
    // A reload hopes again: what comes now waits for whom it starts.
    stand.tier.child.kill('SIGHUP');
    await stand.tier.line('the app is reloaded');
    assert.equal(await (await fetch(stand.url)).text(), 'hello');
    assert.deepEqual(await readiness(stand), [200, undefined]);
  },
);
