import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { handshake, switched } from '@trivet/kit/testing/tunnel-stand.ts';
import type { Site } from './define-site.ts';
import { named, siteOf, turnTo, upstreamFront, whoAnswers } from './testing/upstream-front.ts';

/** Longer than any test. */
const patient = { timeouts: { firstByteMs: 60_000, betweenBytesMs: 60_000 } };

const routes = [
  { path: '/x', proxy: 'x' },
  { path: '/', proxy: 'app' },
];

function siteWith(upstreams: Site['upstreams'] = {}): Site {
  return { routes: upstreams.x === undefined ? routes.slice(1) : routes, upstreams };
}

/** Takes upgrades and keeps them; one address for as many tunnels as come. */
async function switching() {
  return await rawOrigin((socket) => socket.once('data', () => socket.write(switched)));
}

describe('the upstreams of another site', () => {
  test('lose nothing under load', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using c = await named('c');
    const sites = [
      siteOf({ addresses: [a.url, b.url] }),
      siteOf({ addresses: [b.url, c.url], balance: 'least-connections' }),
      siteOf({ addresses: [{ address: a.url, weight: 3 }, c.url], balance: 'hash', timeouts: { firstByte: '3s' } }),
      siteWith({ x: { addresses: [a.url, c.url], sticky: {} } }),
      siteOf({ addresses: [{ address: a.url, down: true }, b.url], maxConnections: 2, queue: 100 }),
    ] as const;
    await using front = await upstreamFront(sites[0], { app: [c.address] });
    let isOver = false;
    const answers: string[] = [];
    const asking = async () => {
      while (!isOver) answers.push(await whoAnswers(front, 1));
    };
    const all = Array.from({ length: 6 }, asking);
    for (let round = 1; round <= 30; round++) {
      const before = answers.length;
      await eventually(() => assert.ok(answers.length > before + 8));
      turnTo(front, sites[round % sites.length] ?? sites[0]);
    }
    isOver = true;
    await Promise.all(all);
    assert.deepEqual([...new Set(answers)].toSorted(), ['a', 'b', 'c']);
  });

  test('keep the connections of an address that stays', async () => {
    await using a = await named('a');
    await using front = await upstreamFront(siteOf({ addresses: a.url }));
    const upstream = front.upstreams.byName.get('app');
    assert.equal(await whoAnswers(front, 2), 'aa');
    turnTo(front, siteOf({ addresses: a.url, balance: 'hash', maxFails: 2 }));
    assert.equal(await whoAnswers(front, 2), 'aa');
    assert.equal(a.connections, 1);
    assert.equal(front.upstreams.byName.get('app'), upstream);
  });

  test('are taken all or none', async () => {
    await using a = await named('a');
    await using b = await named('b');
    const before = siteWith({ x: { addresses: a.url } });
    await using front = await upstreamFront(before, { app: [a.address] });
    const { byName, tunnels } = front.upstreams;
    const wrong = siteWith({
      ...{ app: { addresses: b.url }, x: { addresses: b.url } },
      y: { addresses: b.url, probe: { window: 99 } },
    });
    assert.throws(() => front.upstreams.reconfigure(wrong), RangeError);
    assert.equal(front.upstreams.byName, byName);
    assert.equal(front.upstreams.tunnels, tunnels);
    assert.equal(await whoAnswers(front, 2), 'aa');
    assert.equal((await front.ask('/')).body, 'a');
  });

  test('leave the maps of before to who has them', async () => {
    await using a = await named('a');
    await using front = await upstreamFront(siteWith({ x: { addresses: a.url } }));
    const before = front.live.front;
    turnTo(front, siteWith());
    assert.equal(await whoAnswers(front, 1), '(503)', 'now the app, where nobody is');
    front.live.front = before;
    assert.equal(await whoAnswers(front, 1), 'a', 'who was on the way still gets there');
    assert.deepEqual([...front.upstreams.byName.keys()], ['app']);
  });

  test('say of a tunnel that opens how long it may take', async () => {
    await using silent = await rawOrigin(() => undefined);
    await using front = await upstreamFront(siteOf({ addresses: silent.url }), patient);
    turnTo(front, siteOf({ addresses: silent.url, timeouts: { firstByte: '30ms' } }));
    await using client = await rawConnect(front.port);
    await client.write(handshake());
    assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 504 /);
  });

  test('lead tunnels to the new addresses', async () => {
    await using before = await switching();
    await using after = await switching();
    await using front = await upstreamFront(siteOf({ addresses: before.url }));
    turnTo(front, siteOf({ addresses: after.url }));
    await using client = await rawConnect(front.port);
    await client.write(handshake());
    assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 101 /);
    assert.deepEqual([before.connections, after.connections], [0, 1]);
  });
});

describe('an app that moved', () => {
  test('is asked where it is now, with what the site says of it, and finishes where it was', async () => {
    const arrived = new Barrier(1);
    const answer = Promise.withResolvers<void>();
    await using a = await named('a', async (_, reply) => {
      arrived.arrive();
      await answer.promise;
      reply.send(200, [], 'a');
    });
    await using b = await named('b');
    await using c = await named('c');
    await using front = await upstreamFront(siteOf({ balance: 'fallback' }), { app: [a.address] });
    const at = (port: number) => front.upstreams.inFlightTo(`127.0.0.1:${port}`);
    const asked = front.ask('/x');
    await arrived.passed;
    front.upstreams.moveApp([c.address, b.address]);
    assert.equal(await whoAnswers(front, 3), 'ccc');
    assert.deepEqual([at(a.port), at(b.port)], [1, 0]);
    answer.resolve();
    assert.equal((await asked).body, 'a');
    await eventually(() => assert.equal(at(a.port), 0));
    turnTo(front, siteOf({ balance: 'fallback', maxFails: 2 }));
    assert.equal(await whoAnswers(front, 1), 'c', 'another site does not move it back');
  });

  test('stays where the site says that it is', async () => {
    await using a = await named('a');
    await using b = await named('b');
    await using front = await upstreamFront(siteOf({ addresses: a.url }));
    front.upstreams.moveApp([b.address]);
    assert.equal(await whoAnswers(front, 2), 'aa');
  });
});

describe('an upstream that went', () => {
  test('finishes what it has', async () => {
    const arrived = new Barrier(1);
    const answer = Promise.withResolvers<void>();
    await using a = await named('a', async (_, reply) => {
      reply.head(200, []);
      arrived.arrive();
      await answer.promise;
      reply.end('a');
    });
    await using front = await upstreamFront(siteWith({ x: { addresses: a.url } }));
    const asked = front.ask('/x');
    await arrived.passed;
    turnTo(front, siteWith());
    answer.resolve();
    assert.match((await asked).body, /\ba\b/);
    await eventually(() => assert.equal(front.records[0]?.outcome, 'done'));
  });

  test('is cut at the end of its time', async () => {
    await using a = await named('a', async (_, reply) => {
      reply.head(200, []);
      await reply.closed;
    });
    await using front = await upstreamFront(siteWith({ x: { addresses: a.url } }), {
      ...patient,
      config: { gracefulTimeout: 30 },
    });
    const asked = front.ask('/x');
    await eventually(() => assert.equal(a.requests.length, 1));
    turnTo(front, siteWith());
    assert.doesNotMatch((await asked).body, /\r\n0\r\n/);
    await eventually(() => assert.equal(front.records[0]?.outcome, 'broken'));
  });

  test('closes its tunnels between two frames', async () => {
    await using app = await switching();
    await using front = await upstreamFront(siteWith({ x: { addresses: app.url } }));
    await using client = await rawConnect(front.port);
    await client.write(handshake([], 'GET /x HTTP/1.1'));
    assert.match(await client.readUntil('\r\n\r\n'), /^HTTP\/1\.1 101 /);
    turnTo(front, siteWith());
    await client.readUntil('\x88\x02\x03\xe9');
    await client.closed;
  });

  test('has an end with the tier, however long its time', async () => {
    await using a = await named('a', async (_, reply) => await reply.closed);
    const site = siteWith({ x: { addresses: a.url } });
    await using front = await upstreamFront(site, { ...patient, config: { gracefulTimeout: 60_000 } });
    const asked = front.ask('/x');
    await eventually(() => assert.equal(a.requests.length, 1));
    turnTo(front, siteWith());
    await front.upstreams[Symbol.asyncDispose]();
    assert.ok((await asked).status >= 500);
  });
});
