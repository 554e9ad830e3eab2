import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { download, upload } from './transfer.ts';

test('a download counts the bytes of the body', async () => {
  await using origin = await scriptedOrigin((_request, reply) => reply.send(200, [], 'x'.repeat(100_000)));
  assert.equal(await download(`${origin.url}/`), 100_000);
});

test('an upload sends exactly so many bytes', async () => {
  await using origin = await scriptedOrigin((_request, reply) => reply.send(200, [], 'thanks'));
  assert.equal(await upload(`${origin.url}/`, 150_000), 'thanks');
  assert.equal(origin.requests[0]?.body.length, 150_000);
});

test('an answer that is not 200 is no transfer', async () => {
  await using origin = await scriptedOrigin((_request, reply) => reply.send(503, [], 'no'));
  await assert.rejects(download(`${origin.url}/`), /status 503/);
});
