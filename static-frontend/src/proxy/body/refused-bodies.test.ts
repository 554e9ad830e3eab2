import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { namelessFiles } from '@trivet/kit/testing/nameless-files.ts';
import { type RawClient, rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { type BodyStand, bodyStand, close, digest, head, waitingBytes } from '../../testing/body-stand.ts';
import { readReply } from '../../testing/running-front.ts';

describe('a body beyond the limit is refused, and the app never gets a complete request', () => {
  for (const [path, limit, asked] of [
    ['/full/x', 400_000, 0],
    ['/small/x', 8, 0],
    ['/large/x', 1024 * 1024, 1],
  ] as const) {
    test(`${path} by its announcement`, async () => {
      await using it = await bodyStand(digest);
      const post = head(path, `Expect: 100-continue\r\nContent-Length: ${limit + 1}\r\n`);
      const reply = readReply(await rawExchange(it.front.port, post));
      assert.deepEqual([reply.status, reply.get('connection')], [413, 'close']);
      assert.match(reply.body, /body-too-large/);
      assert.equal(it.app.requests.length, 0);
      assert.equal(it.front.records[0]?.fault?.reason, 'body-too-large');
    });

    test(`${path} in chunks, as soon as it is reached`, async () => {
      await using it = await bodyStand(digest);
      await using client = await rawConnect(it.front.port);
      await client.write(head(path, 'Transfer-Encoding: chunked\r\n'));
      await client.write(`${(limit + 1).toString(16)}\r\n${'x'.repeat(limit + 1)}\r\n`);
      const received = await client.readUntil('</html>');
      assert.match(received, /^HTTP\/1\.1 413 [\s\S]*body-too-large/);
      await client.closed;
      assert.equal(it.app.requests.length, asked);
      if (asked > 0) await eventually(async () => assert.equal(await it.app.requests[0]?.outcome, 'cut'));
      await eventually(async () => assert.deepEqual(await namelessFiles(it.temp), []));
      assert.equal(it.front.proxying.places.room.taken, 0);
    });

    test(`${path} is passed on when it is just as long`, async () => {
      await using it = await bodyStand(digest);
      const post = head(path, `${close}Content-Length: ${limit}\r\n`);
      assert.equal(readReply(await rawExchange(it.front.port, [post, Buffer.alloc(limit)])).status, 200);
    });
  }
});

describe('a body that does not come to its end asks nobody', () => {
  for (const [what, sent] of [
    ['in memory', 500],
    ['on the disk', 50_000],
  ] as const) {
    const begun = async (it: BodyStand, client: RawClient) => {
      await client.write(head('/full/x', 'Content-Length: 60000\r\n'));
      await client.write(Buffer.alloc(sent, 'x'));
      await eventually(async () => assert.equal(await waitingBytes(it), sent));
    };

    test(`${what}: the client leaves`, async () => {
      await using it = await bodyStand(digest);
      await using client = await rawConnect(it.front.port);
      await begun(it, client);
      client.reset();
      const record = await eventually(() => it.front.records[0] ?? assert.fail('no record yet'));
      assert.deepEqual([record.status, record.outcome], [499, 'client-left']);
      await eventually(async () => assert.equal(await waitingBytes(it), 0));
      assert.equal(it.app.connections, 0);
    });

    test(`${what}: the client falls silent`, async () => {
      await using it = await bodyStand(digest, { clients: { clientTimeout: 300 } });
      await using client = await rawConnect(it.front.port);
      await begun(it, client);
      assert.match(await client.readUntil('</html>'), /^HTTP\/1\.1 408 [\s\S]*body-timeout/);
      await client.closed;
      await eventually(async () => assert.equal(await waitingBytes(it), 0));
      assert.equal(it.app.connections, 0);
    });

    test(`${what}: it comes too slowly`, async () => {
      await using it = await bodyStand(digest, { clients: { minRate: 1e6, minRateGrace: 200 } });
      await using client = await rawConnect(it.front.port);
      await begun(it, client);
      assert.match(await client.readUntil('</html>'), /^HTTP\/1\.1 408 [\s\S]*body-timeout/);
      await eventually(async () => assert.equal(await waitingBytes(it), 0));
      assert.equal(it.front.records[0]?.fault?.reason, 'body-timeout');
      assert.equal(it.app.connections, 0);
    });
  }

  test('its framing breaks', async () => {
    await using it = await bodyStand(digest);
    const post = head('/full/x', 'Transfer-Encoding: chunked\r\n');
    assert.equal(readReply(await rawExchange(it.front.port, `${post}5\r\nhello\r\nzz\r\n`)).status, 400);
    assert.equal(it.app.connections, 0);
  });

  test('the disk fails', async () => {
    await using it = await bodyStand(digest);
    await rm(it.temp, { recursive: true });
    const post = head('/full/x', `${close}Content-Length: 5000\r\n`);
    const reply = readReply(await rawExchange(it.front.port, [post, Buffer.alloc(5000)]));
    assert.equal(reply.status, 500);
    assert.match(reply.body, /body-storage/);
    assert.deepEqual([it.app.connections, it.front.proxying.places.room.taken], [0, 0]);
  });

  test('bodies have all the disk that is theirs: 507, and the next finds room again', async () => {
    await using it = await bodyStand(digest, { proxying: { bodiesDisk: 5000 } });
    const statusOf = async (size: number) => {
      const post = head('/full/x', `${close}Content-Length: ${size}\r\n`);
      return readReply(await rawExchange(it.front.port, [post, Buffer.alloc(size)])).status;
    };
    assert.deepEqual([await statusOf(5001), await statusOf(5000), await statusOf(5000)], [507, 200, 200]);
    assert.equal(it.app.requests.length, 2);
    await eventually(() => assert.equal(it.front.proxying.places.disk.taken, 0));
    assert.equal(it.front.records[0]?.fault?.reason, 'body-storage');
  });
});
