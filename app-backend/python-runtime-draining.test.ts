// Python workers as they are run: answers without an end, when the server or their worker is to stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { withPython } from './src/testing/python.ts';
import { type PythonTier, pythonTier } from './src/testing/python-tier.ts';

const endlessApp = `
from trivet_sample.events import events as application
`;
const sample = new URL('python', import.meta.url).pathname;
/** Whoever does not hear of it is cut only then, and the test is over before. */
const settings = { APP_GRACEFUL_TIMEOUT: '10m', APP_THREADS: '2', PYTHONPATH: sample };

const drains: readonly (readonly [what: string, drain: (stand: PythonTier) => Promise<void>])[] = [
  ['the server is told to stop', async ({ tier }) => void tier.child.kill('SIGTERM')],
  ['the application is reloaded', async ({ admin }) => void (await fetch(`${admin}/reload`, { method: 'POST' }))],
  ['their worker is told to stop', async (stand) => void process.kill((await stand.serving())[0]?.pid ?? 0, 'SIGTERM')],
];

for (const [what, drain] of drains) {
  test(`answers without an end are ended, whole, when ${what}`, withPython, async () => {
    await using stand = await pythonTier({ 'site_app.py': endlessApp }, settings);
    await using client = await rawConnect(stand.port);
    await client.write('GET /events?count=0&interval=1h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await client.readUntil('id: 1\n');
    await drain(stand);
    await eventually(() => assert.match(client.received, /\r\n0\r\n\r\n$/), 30_000);
    if (what !== 'the server is told to stop') return;
    assert.equal(await stand.tier.exitCode(), 0);
  });
}
