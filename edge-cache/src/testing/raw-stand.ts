// An edge before an origin below HTTP, which answers with the bytes that the test gives it.
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { type RawOrigin, rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testListener } from '@trivet/kit/testing/test-listener.ts';
import { Upstream } from '@trivet/kit/upstream/upstream.ts';
import type { Edge } from '../machine/edge.ts';
import { openEdge } from '../open-edge.ts';
import { Rules } from '../rules.ts';
import { handler } from '../start.ts';
import { defaults } from './stand.ts';

export type RawStand = AsyncDisposable & {
  readonly edge: Edge;
  readonly port: number;
  readonly origin: RawOrigin;
  readonly clock: ManualClock;
};

/** Each request gets the next of the answers, in latin-1, and the last one again; connections stay open. */
export async function rawStand(...answers: string[]): Promise<RawStand> {
  await using building = new AsyncDisposableStack();
  let at = 0;
  const origin = building.use(
    await rawOrigin((socket) => {
      socket.on('data', () => {
        socket.write(answers[Math.min(at, answers.length - 1)] ?? '', 'latin1');
        at += 1;
      });
    }),
  );
  const timeouts = { connectMs: 1000, firstByteMs: 1000, betweenBytesMs: 1000 };
  const upstream = building.use(new Upstream({ name: 'origin', addresses: [origin.address], timeouts, retries: 0 }));
  const clock = new ManualClock();
  const edge = openEdge({
    options: defaults,
    rules: new Rules({}),
    upstream: { send: upstream.send.bind(upstream), isHealthy: () => upstream.isHealthy },
    log: silentLog,
    clock: clock.read,
    after: clock.after,
  });
  const { port } = building.use(await testListener({ tier: 'edge-cache', onRequest: handler(edge) }));
  const open = building.move();
  return { edge, port, origin, clock, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
