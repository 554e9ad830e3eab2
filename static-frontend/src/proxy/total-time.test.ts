import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { readReply, runFront } from '../testing/running-front.ts';

const site = { routes: [{ path: '/', proxy: 'app' }], upstreams: { app: { timeouts: { total: '200ms' } } } } as const;

async function exchangeWith(words: string) {
  await using app = await rawOrigin((socket) => void socket.once('data', () => socket.write(words)));
  await using tree = await fileTree({});
  await using front = await runFront({ root: tree.path, site, app: [app.address] });
  const received = await rawExchange(front.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const record = await eventually(() => front.records[0] ?? assert.fail('no record yet'));
  return { received, record: [record.status, record.outcome, record.fault?.reason] };
}

test('an exchange beyond its time is a 504 that says so', async () => {
  const { received, record } = await exchangeWith('HTTP/1.1 20');
  const reply = readReply(received);
  assert.equal(reply.status, 504);
  assert.match(reply.body, /<code>timeout-total<\/code>/);
  assert.match(reply.get('proxy-status') ?? '', /^static-frontend;error=http_response_timeout/);
  assert.deepEqual(record, [504, 'done', 'timeout-total']);
});

test('behind its head it is a transfer that breaks off', async () => {
  const { received, record } = await exchangeWith('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
  assert.match(received, /^HTTP\/1\.1 200 [\s\S]*half\r\n$/);
  assert.deepEqual(record, [200, 'broken', 'timeout-total']);
});
