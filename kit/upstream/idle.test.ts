import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';

const turn = () => new Promise((done) => setImmediate(done));

/** A server that says how long it keeps an idle connection, and when each of them was closed by us. */
async function stand(hint: string) {
  const closings: number[] = [];
  const origin = await rawOrigin((socket) => {
    socket.on('data', () => {
      const answeredAt = performance.now();
      socket.removeAllListeners('end').once('end', () => closings.push(performance.now() - answeredAt));
      socket.write(`HTTP/1.1 200 OK\r\n${hint}Content-Length: 2\r\n\r\nok`);
    });
  });
  return { origin, closings };
}

describe('an idle connection', { concurrency: true }, () => {
  for (const [hint, connections] of [
    ['', 1],
    ['Keep-Alive: timeout=60\r\n', 1],
    ['Keep-Alive: timeout=2\r\n', 2],
    ['Keep-Alive: timeout=1, max=100\r\n', 2],
    ['Connection: close\r\n', 2],
  ] as const) {
    test(`behind ${JSON.stringify(hint)}: ${connections === 1 ? 'is used again' : 'is not kept'}`, async () => {
      const { origin } = await stand(hint);
      await using _ = origin;
      await using upstream = testUpstream([origin.address]);
      for (let i = 0; i < 2; i++) {
        assert.equal((await send(upstream, { method: 'POST' })).outcome, '200 ok');
        await turn();
      }
      assert.equal(origin.connections, connections);
    });
  }

  test('is closed by us well before the peer would, and the hint of 4 s is not exhausted', async () => {
    const { origin, closings } = await stand('Keep-Alive: timeout=4\r\n');
    await using _ = origin;
    await using upstream = testUpstream([origin.address]);
    const closed = Promise.withResolvers<void>();
    await send(upstream);
    const look = setInterval(() => closings.length > 0 && closed.resolve(), 20);
    await closed.promise;
    clearInterval(look);
    assert.ok((closings[0] ?? 0) < 3_500, `after ${closings[0]} ms`);
    assert.ok((closings[0] ?? 0) > 1_000, `after ${closings[0]} ms`);
  });
});
