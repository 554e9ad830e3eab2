import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { scriptedOrigin } from '../testing/scripted-origin.ts';
import { outbound, testUpstream } from '../testing/upstream-stand.ts';
import type { UpstreamOptions } from './options.ts';

const nobody = { kind: 'unix', path: '/nonexistent/none' } as const;
const timeouts = { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 };

function stand(options: Partial<UpstreamOptions>) {
  const timers = new ManualTimers();
  const told = { name: 'app', timeouts, timer: timers.set, clock: timers.clock.read, pauseMs: 250, ...options };
  const upstream = testUpstream([nobody], told);
  const ask = (method = 'GET') => {
    const sink = new CollectingSink();
    return { sink, sending: upstream.send(outbound({ method }), sink) };
  };
  const waits = (count: number) => eventually(() => assert.equal(upstream.groupStats().waiting, count));
  return { upstream, timers, told, ask, waits };
}

describe('a member that takes no connection, where others come for it soon', () => {
  for (const method of ['GET', 'POST']) {
    test(`has its ${method} wait until another has come`, async () => {
      await using origin = await scriptedOrigin((_, reply) => reply.send(200, [], 'a'));
      const { upstream, told, ask, waits, timers } = stand({});
      await using _ = upstream;
      const { sink } = ask(method);
      await waits(1);
      upstream.reconfigure({ ...told, addresses: [origin.address] });
      assert.equal((await sink.over).outcome, '200 a');
      assert.equal(timers.count, 0);
    });
  }

  test('is asked again when its time is over, and in the end the request fails', async () => {
    const { upstream, ask, waits, timers } = stand({});
    await using _ = upstream;
    const { sink } = ask();
    for (let at = 0; at < 10_000; at += 250) {
      await waits(1);
      assert.equal(sink.calls, 0);
      timers.advance(250);
    }
    assert.equal((await sink.over).outcome, 'refused');
    await eventually(() => assert.equal(upstream.stats()[0]?.inFlight, 0));
  });

  test('lets a client that waits leave, and at the end of all nothing is left to do', async () => {
    const { upstream, ask, waits, timers } = stand({});
    const [stays, leaves] = [ask(), ask()];
    await waits(2);
    leaves.sending.abort();
    assert.equal(upstream.groupStats().waiting, 1);
    await upstream[Symbol.asyncDispose]();
    assert.equal((await stays.sink.over).outcome, 'refused');
    assert.deepEqual([leaves.sink.calls, timers.count], [0, 0]);
  });

  test('fails who finds no other, where that is not said', async () => {
    const { upstream, ask } = stand({ pauseMs: 0 });
    await using _ = upstream;
    assert.equal((await ask().sink.over).outcome, 'refused');
  });
});
