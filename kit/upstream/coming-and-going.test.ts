import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { scriptedOrigin } from '../testing/scripted-origin.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';
import type { AddressRule } from './options.ts';

const timeouts = { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 };
const nobody: AddressRule = { kind: 'unix', path: '/nonexistent/none', maxConnections: 0 };

describe('an address that may have no connection', () => {
  test('keeps requests waiting until there is another', async () => {
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.target));
    await using upstream = testUpstream([nobody]);
    const asked = [send(upstream, { target: '/a' }), send(upstream, { method: 'POST', target: '/b' })];
    await eventually(() => assert.equal(upstream.groupStats().waiting, 2));
    upstream.reconfigure({ name: 'app', addresses: [origin.address], timeouts });
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['200 /a', '200 /b']);
  });

  test('lets them go when it is taken down', async () => {
    await using upstream = testUpstream([nobody]);
    const asked = send(upstream);
    await eventually(() => assert.equal(upstream.groupStats().waiting, 1));
    upstream.reconfigure({ name: 'app', addresses: [{ ...nobody, down: true }], timeouts });
    assert.equal((await asked).outcome, 'unavailable');
  });
});
