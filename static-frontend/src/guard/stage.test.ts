import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { noted } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { waitingClient } from '@trivet/kit/testing/waiting-client.ts';
import { stageOfRequest, stageOfUpgrade } from './stage.ts';

const inbound: Inbound = {
  ...{ id: 'i', method: 'GET', target: '/', host: 'a', scheme: 'http', version: '1.1', fields: [] },
  ...{ peer: { address: '192.0.2.1', port: 1, trusted: false }, client: '192.0.2.1' },
  ...{ body: undefined, bodyLength: undefined, receivedAt: 0 },
} as const;

test('who waits for an answer is there until he has it', async () => {
  await using waiting = await waitingClient();
  const stage = stageOfRequest({ inbound, response: waiting.response });
  assert.equal(stage.hasLeft(), false);
  const closed = once(stage.until, 'close');
  waiting.response.end('x');
  await closed;
  assert.equal(stage.hasLeft(), true);
});

test('who closes his connection has left', async () => {
  await using waiting = await waitingClient();
  const stage = stageOfRequest({ inbound, response: waiting.response });
  const closed = once(stage.until, 'close');
  await waiting.client[Symbol.asyncDispose]();
  await closed;
  assert.equal(stage.hasLeft(), true);
});

test('whose answer is taken away has left at once', async () => {
  await using waiting = await waitingClient();
  const stage = stageOfRequest({ inbound, response: waiting.response });
  waiting.response.destroy();
  assert.equal(stage.hasLeft(), true);
});

test('a note on a request is in its record', async () => {
  await using waiting = await waitingClient();
  stageOfRequest({ inbound, response: waiting.response }).note('limit a');
  assert.equal(noted(waiting.response)?.why, 'limit a');
});

test('an upgrade is there as long as its socket', async () => {
  await using pair = await socketPair();
  const stage = stageOfUpgrade(inbound, pair.server);
  assert.deepEqual([stage.hasLeft(), stage.until, stage.inbound], [false, pair.server, inbound]);
  stage.note('nobody reads this');
  const closed = once(stage.until, 'close');
  pair.server.destroy();
  assert.equal(stage.hasLeft(), true);
  await closed;
});
