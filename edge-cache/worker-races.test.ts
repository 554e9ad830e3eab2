// Clients ask without a pause while what they ask for is changed and invalidated: who asks after that was confirmed gets
// what is new, from whichever worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { EdgeProcess } from './src/testing/edge-process.ts';

const ROUNDS = 25;
const CLIENTS = 6;

for (const [what, invalidate] of [
  ['a purge', (edge: EdgeProcess) => edge.post('/purge', { tags: ['t'] })],
  ['a ban', (edge: EdgeProcess) => edge.post('/ban', { expression: 'obj.http.cache-tag == t' })],
  ['the method PURGE', (edge: EdgeProcess) => edge.ask('/x', { method: 'PURGE' })],
  ['the success of a POST', (edge: EdgeProcess) => edge.ask('/x', { method: 'POST', body: 'b' })],
] as const) {
  test(`${what} never loses against a fetch that is on its way in any worker`, async () => {
    let version = 0;
    await using origin = await scriptedOrigin(async (request, reply) => {
      const said = `${version}`;
      if (request.method !== 'GET') return reply.send(204);
      // The body is on its way while others are told to forget it.
      reply.head(200, ['Cache-Control', 'max-age=600', 'Cache-Tag', 't']);
      await reply.write(said);
      reply.end(';');
    });
    await using edge = await EdgeProcess.start({ EDGE_ORIGIN: origin.url, EDGE_WORKERS: '3' });
    let confirmed = 0;
    let isOver = false;
    const seen: string[] = [];
    const client = async () => {
      while (!isOver) {
        const least = confirmed;
        const { text } = await edge.ask('/x');
        if (Number.parseInt(text, 10) < least) seen.push(`${text} where ${least} was confirmed`);
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    for (let round = 1; round <= ROUNDS; round++) {
      version = round;
      const { status } = await invalidate(edge);
      assert.ok(status < 300, `${status}`);
      confirmed = round;
      await edge.ask('/x');
    }
    isOver = true;
    await Promise.all(clients);
    assert.deepEqual(seen, []);
  });
}
