import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import { edgeStand } from '../testing/stand.ts';

/** The body of a path: told apart from every other body at every place. */
const bodyOf = (path: string) =>
  `<${path}>`.repeat(Math.ceil((2000 + 700 * (path.length + path.charCodeAt(1))) / (path.length + 2)));

const script: Script = async ({ target }, reply) => {
  const body = bodyOf(target);
  if (target.length % 2 === 0) return reply.send(200, ['Cache-Control', 'max-age=60'], body);
  reply.head(200, ['Cache-Control', 'max-age=60']);
  for (let at = 0; at < body.length; at += 9000) await reply.write(body.slice(at, at + 9000));
  reply.end();
};

test('[case 72] while everything pushes everything out, everybody gets the bytes that were asked for', async () => {
  await using stand = await edgeStand(script, { storeMemory: 400_000 });
  // Small and known numbers, but no pattern that the order of requests could hide behind.
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const paths = Array.from({ length: 30 }, (_, i) => `/${'abcdefghij'[i % 10]}${'x'.repeat(i % 4)}${i}`);
  const one = async () => {
    const path = paths[random(paths.length)] ?? '/';
    const body = bodyOf(path);
    const first = random(1500);
    const isPart = random(3) === 0;
    const answer = await stand.get(path, isPart ? { range: `bytes=${first}-${first + 400}` } : {});
    const expected = answer.status === 206 ? body.slice(first, first + 401) : body;
    assert.ok(answer.body === expected, `${path} ${answer.status} ${answer.cacheStatus}`);
  };
  const client = async () => {
    for (let i = 0; i < 25; i++) await one();
  };
  await Promise.all(Array.from({ length: 16 }, client));
  const { evictions, bytes, reservedBytes, limitBytes } = stand.edge.store.stats();
  assert.ok(evictions > 20, `only ${evictions} were pushed out`);
  assert.ok(bytes + reservedBytes <= limitBytes);
});
