// `GET /stats` of the app server as it is run: whoever reads it need not know what the application is written in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecord } from '@trivet/kit/process/workers/merge.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { withPython } from './src/testing/python.ts';
import { helloApp, pythonTier } from './src/testing/python-tier.ts';
import { Server, saying, withinMs } from './src/testing/running-server.ts';

type Told = Readonly<Record<string, unknown>>;

/** As it is once the only worker was killed, and another is there. */
async function statsBehindAKill(admin: string): Promise<Told> {
  const stats = async () =>
    (await (await fetch(`${admin}/stats`)).json()) as { workers: { pid: number }[]; arbiter: Told };
  const before = (await stats()).workers[0]?.pid ?? 0;
  process.kill(before, 'SIGKILL');
  return await eventually(async () => {
    const told = await stats();
    assert.deepEqual(told.arbiter.ends, { crashed: 1 });
    assert.notEqual(told.workers[0]?.pid ?? before, before);
    return told;
  }, withinMs);
}

const keysOf = (of: unknown) => Object.keys(isRecord(of) ? of : {});
const typesOf = (of: unknown) => Object.entries(isRecord(of) ? of : {}).map(([key, value]) => [key, typeof value]);

test('the stats are of one shape, whatever the application is written in', withPython, async () => {
  await using node = await Server.start(saying('one'));
  await using python = await pythonTier({ 'site_app.py': helloApp });
  const [inNode, inPython] = await Promise.all([node.admin, python.admin].map(statsBehindAKill));
  assert.deepEqual(typesOf(inPython?.arbiter), typesOf(inNode?.arbiter));
  assert.match(JSON.stringify(inNode?.arbiter), /"ends":\{"crashed":1\},"lastEnd":\{[^}]*"why":"SIGKILL/);
  for (const key of keysOf(inNode?.arbiter)) assert.ok(!keysOf(inPython).includes(key), `${key} is the arbiter's`);
  const [[ofNode], [ofPython]] = [inNode, inPython].map((told) => told?.workers as object[]) as [object[], object[]];
  assert.deepEqual(
    keysOf(ofNode).filter((key) => !keysOf(ofPython).includes(key)),
    [],
  );
});
