import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '@trivet/kit/process/metrics.ts';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { measure } from './measure.ts';
import { siteOf, turnTo, upstreamFront } from './testing/upstream-front.ts';

type Front = Awaited<ReturnType<typeof upstreamFront>>;

/** The value of each line of the exposition, by its name and labels. */
function measured({ live, limits, proxying, upstreams }: Front) {
  const metrics = openMetrics('static-frontend');
  const site = { version: 1, failures: 0 };
  measure({ live, lasting: { limits, proxying, upstreams, openFiles: undefined }, site }, metrics);
  return async () => {
    const lines = (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('trivet_'));
    return new Map(
      lines.map((line) => {
        const [name = '', value] = line
          .replace(/,?tier="static-frontend"/, '')
          .replace('{}', '')
          .split(' ');
        return [name, Number(value)];
      }),
    );
  };
}

test('bodies that are held are counted where they lie, as long as they do', async () => {
  await using app = await scriptedOrigin((_, reply) => reply.send(200, [], 'ok'));
  await using front = await upstreamFront(siteOf({ addresses: app.url }), { proxying: { bodyMemory: 1024 } });
  const read = measured(front);
  const [memory, disk] = ['trivet_held_body_memory_bytes', 'trivet_held_body_disk_bytes'];
  await using small = await rawConnect(front.port);
  await small.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(999)}`);
  await using large = await rawConnect(front.port);
  await large.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(99_999)}`);
  await eventually(async () => {
    const now = await read();
    assert.ok((now.get(memory) ?? 0) >= 999, `${now.get(memory)}`);
    assert.ok((now.get(disk) ?? 0) >= 99_999, `${now.get(disk)}`);
  });
  for (const client of [small, large]) {
    await client.write('x');
    await client.readUntil('ok');
  }
  await eventually(async () => {
    const now = await read();
    assert.deepEqual([now.get(memory), now.get(disk), now.get('trivet_encoder_streams')], [0, 0, 0]);
  });
});

test('each upstream is counted by its name: what is with it, what waits, what was given out again', async () => {
  const barrier = new Barrier(1);
  await using app = await scriptedOrigin(async (_, reply) => {
    await barrier.passed;
    reply.send(200, [], 'ok');
  });
  await using breaking = await rawOrigin((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const upstreams = { slow: { addresses: app.url, maxConnections: 1 }, broken: { addresses: breaking.place.url } };
  const routes = [
    { path: '/slow', proxy: 'slow' },
    { path: '/broken', proxy: 'broken' },
  ];
  await using front = await upstreamFront({ routes, upstreams });
  const read = measured(front);
  const answers = [front.ask('/slow'), front.ask('/slow')];
  assert.equal((await front.ask('/broken')).status, 502);
  await eventually(async () => {
    assert.partialDeepStrictEqual(Object.fromEntries(await read()), {
      'trivet_upstream_in_flight{upstream="slow"}': 1,
      'trivet_upstream_connections{upstream="slow"}': 1,
      'trivet_upstream_waiting{upstream="slow"}': 1,
      'trivet_upstream_requests_total{upstream="slow"}': 2,
      'trivet_upstream_requests_total{upstream="broken"}': 1,
      'trivet_upstream_repeats_total{upstream="broken",kind="retry"}': 1,
      'trivet_upstream_repeats_total{upstream="broken",kind="replay"}': 0,
      'trivet_upstream_repeats_total{upstream="broken",kind="redial"}': 0,
      'trivet_upstream_repeats_total{upstream="broken",kind="unaffordable"}': 0,
    });
  });
  barrier.arrive();
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    [200, 200],
  );
  turnTo(front, siteOf({ addresses: app.url }));
  const names = [...(await read()).keys()].filter((name) => name.startsWith('trivet_upstream_waiting'));
  assert.deepEqual(names, ['trivet_upstream_waiting{upstream="app"}']);
});
