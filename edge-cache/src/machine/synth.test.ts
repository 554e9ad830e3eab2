import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { after, test } from 'node:test';
import { Fault, type Reason, reasons } from '@trivet/kit/semantics/fault.ts';
import { testListener } from '@trivet/kit/testing/test-listener.ts';
import { edgeStand } from '../testing/stand.ts';
import { Exchange } from './exchange.ts';
import { synth } from './synth.ts';

const stand = await edgeStand(() => undefined, {
  policy: { synth: (_, { header }) => (header('x-page') === 'own' ? { body: 'own' } : undefined) },
});
after(() => stand[Symbol.asyncDispose]());

/** A listener whose every answer is the page of this fault. */
const failing = (fault: Fault) =>
  testListener({
    tier: 'edge-cache',
    async onRequest(inbound, response) {
      await synth(new Exchange(inbound, response, stand.edge.rules, true), stand.edge, { as: 'fault', fault });
    },
  });

/** What a page says beside its content, to a client that would keep the connection. */
async function page(port: number, kind: 'own' | 'built-in') {
  const agent = new Agent({ keepAlive: true });
  try {
    const [response]: IncomingMessage[] = await once(get({ port, agent, headers: { 'x-page': kind } }), 'response');
    assert.ok(response !== undefined);
    const body = Buffer.concat(await Array.fromAsync(response)).toString();
    const { connection, via, 'retry-after': retryAfter, 'proxy-status': proxyStatus } = response.headers;
    const said = { status: response.statusCode, connection, via, retryAfter, proxyStatus };
    return { said, isOwn: body === 'own' };
  } finally {
    agent.destroy();
  }
}

for (const reason of Object.keys(reasons) as Reason[]) {
  test(`the policy's page for ${reason} says of the exchange what the built-in one says`, async () => {
    await using listener = await failing(new Fault(reason, 'broke'));
    const [own, builtIn] = [await page(listener.port, 'own'), await page(listener.port, 'built-in')];
    assert.deepEqual([own.isOwn, builtIn.isOwn], [true, false]);
    assert.deepEqual(own.said, builtIn.said);
  });
}

for (const [reason, connection] of [
  ['bad-framing', 'close'],
  ['body-too-large', 'close'],
  ['denied', 'keep-alive'],
  ['internal', 'keep-alive'],
  ['refused', 'keep-alive'],
] as const) {
  test(`the policy's page for ${reason} leaves the connection: ${connection}`, async () => {
    await using listener = await failing(new Fault(reason, 'broke'));
    assert.equal((await page(listener.port, 'own')).said.connection, connection);
  });
}
