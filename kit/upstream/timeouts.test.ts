import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deafServer } from '../testing/deaf-server.ts';
import { rawOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';

const turn = () => new Promise((done) => setImmediate(done));
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';

// Side by side: undici's timers are coarse, each of these takes a second.
describe('a next hop', { concurrency: true }, () => {
  test('that does not accept a connection in time is at fault: timeout-connect (504)', async () => {
    await using deaf = await deafServer();
    await using upstream = testUpstream([deaf.address], { timeouts: { connectMs: 60 } });
    const { fault } = await send(upstream);
    assert.deepEqual([fault?.reason, fault?.status], ['timeout-connect', 504]);
  });

  test('that does not accept a connection in time makes room for the next one', async () => {
    await using deaf = await deafServer();
    await using origin = await scriptedOrigin((request, reply) => reply.send(200, [], request.body));
    await using upstream = testUpstream([deaf.address, origin.address], { timeouts: { connectMs: 60 } });
    assert.equal((await send(upstream, { method: 'POST', body: Buffer.from('all') })).outcome, '200 all');
  });

  test('that says nothing in time is at fault: timeout-first-byte (504)', async () => {
    await using origin = await rawOrigin(() => undefined);
    await using upstream = testUpstream([origin.address], { timeouts: { firstByteMs: 60 } });
    const { fault } = await send(upstream);
    assert.deepEqual([fault?.reason, fault?.status], ['timeout-first-byte', 504]);
  });

  test('that says half a head in time is at fault: timeout-first-byte', async () => {
    await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.write('HTTP/1.1 200')));
    await using upstream = testUpstream([origin.address], { timeouts: { firstByteMs: 60 } });
    assert.equal((await send(upstream)).outcome, 'timeout-first-byte');
  });

  test('that falls silent inside its body is at fault: timeout-between-bytes', async () => {
    await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.write(`${ok}abc`)));
    await using upstream = testUpstream([origin.address], { timeouts: { betweenBytesMs: 60 } });
    assert.equal((await send(upstream)).outcome, '200 timeout-between-bytes');
  });

  test('that says nothing in time on a reused connection is not asked again', async () => {
    let asked = 0;
    await using origin = await rawOrigin((socket) => {
      socket.on('data', () => {
        asked += 1;
        if (asked === 1) socket.write(`${ok}first`);
      });
    });
    await using upstream = testUpstream([origin.address], { timeouts: { firstByteMs: 60 } });
    assert.equal((await send(upstream)).outcome, '200 first');
    await turn();
    assert.equal((await send(upstream)).outcome, 'timeout-first-byte');
    assert.equal(asked, 2);
  });
});
