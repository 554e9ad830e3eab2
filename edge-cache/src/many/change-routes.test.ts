import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Hand } from '@trivet/kit/process/workers/crew.ts';
import type { Told } from '@trivet/kit/process/workers/messages.ts';
import { listenSomewhere } from '@trivet/kit/testing/place.ts';
import express, { type Express } from 'express';
import { banRoutes, purgeRoute } from './change-routes.ts';
import { policyRoutes } from './policy.ts';

/** What is answered where all workers together say this, and what they were told. */
async function posted(path: string, body: object, { told, hands = [] }: { told: Told; hands?: readonly Hand[] }) {
  const heard: unknown[] = [];
  const crew = {
    hands,
    tellMs: 2_000,
    tell: async (what: unknown) => {
      heard.push(what);
      return told;
    },
    reloadStarting: () => void heard.push('reload'),
  };
  const app: Express = express().use(express.json());
  purgeRoute(app, crew);
  banRoutes(app, crew);
  policyRoutes(app, crew);
  await using server = createServer(app);
  const { url } = await listenSomewhere(server);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const { status } = response;
  return { status, after: response.headers.get('retry-after'), said: await response.json(), heard };
}

const added = { verdict: 'added', superseded: false, inForce: 1 };

for (const [what, path, body, answer] of [
  ['purge', '/purge', { all: true }, [{ purged: 1 }]],
  ['ban', '/ban', { expression: 'req.url ~ ^/x' }, added],
] as const) {
  test(`a ${what} that one worker does not confirm is not answered as done`, async () => {
    const { status, after, said } = await posted(path, body, { told: { answers: [answer], missing: [2] } });
    assert.deepEqual([status, after], [503, '1']);
    assert.deepEqual(said, {
      error: 'worker 2 did not confirm it within 2000ms; what is asked again is carried out again',
    });
  });

  test(`a ${what} that all workers confirm is`, async () => {
    const { status, heard } = await posted(path, body, { told: { answers: [answer, answer], missing: [] } });
    assert.deepEqual([status, heard.length], [200, 1]);
  });
}

test('a ban for which one worker has no room is none', async () => {
  const full = { verdict: 'full', why: 'there are 100 bans' };
  const told = { answers: [added, full], missing: [] };
  const { status, said } = await posted('/ban', { expression: 'req.url ~ ^/x' }, { told });
  assert.deepEqual([status, said], [503, { error: 'there are 100 bans' }]);
});

const gone: Hand = { number: 2, pid: 1, admin: '/tmp/there-is-no-such.sock' };
const nothing: Told = { answers: [], missing: [] };

test('a reload of the policy that no worker confirms is not answered as done, and is told to those that are starting', async () => {
  const { status, heard } = await posted('/policy/reload', {}, { told: nothing, hands: [gone] });
  assert.deepEqual([status, heard], [503, ['reload']]);
});
