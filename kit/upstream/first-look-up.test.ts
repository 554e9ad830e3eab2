// Names of one upstream that are looked up at different speeds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { namesakes } from '../testing/scripted-names.ts';
import { outbound, testUpstream } from '../testing/upstream-stand.ts';
import type { Lookup } from './options.ts';

// Other systems have but one loopback address.
const onLinux = process.platform === 'linux' ? {} : { skip: 'needs 127.0.0.2' };

async function stand() {
  await using building = new AsyncDisposableStack();
  const servers = building.use(await namesakes(2));
  await servers.stop('127.0.0.1');
  const slow = Promise.withResolvers<string>();
  const lookup: Lookup = async (host, done) => {
    const found = host === 'slow' ? await slow.promise : '127.0.0.1';
    if (found === '') done(new Error('no slow'), []);
    else done(null, [found]);
  };
  const all = ['gone', 'slow'].map((host) => ({ kind: 'tcp', host, port: servers.port }) as const);
  const upstream = building.use(testUpstream(all, { lookup }));
  const waits = () =>
    eventually(() => assert.equal(upstream.stats().find(({ address }) => address.startsWith('slow'))?.waiting, 1));
  const moved = building.move();
  return { upstream, slow, waits, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

for (const method of ['GET', 'POST']) {
  test(`where one name takes no connection, ${method} waits for the first look-up of the other`, onLinux, async () => {
    await using s = await stand();
    const sink = new CollectingSink();
    s.upstream.send(outbound({ method }), sink);
    await s.waits();
    s.slow.resolve('127.0.0.2');
    assert.equal((await sink.over).outcome, '200 127.0.0.2');
  });
}

test('a name that turns out to have no address is waited for once', onLinux, async () => {
  await using s = await stand();
  const sink = new CollectingSink();
  s.upstream.send(outbound({}), sink);
  await s.waits();
  s.slow.resolve('');
  assert.match((await sink.over).outcome, /refused/);
});
