import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ServerProcess } from '../processes/server-process.ts';
import { scriptCommand } from '../tiers.ts';
import { constantAnswer, constantArguments } from './constant-answer.ts';

test('a constant without wishes is 1 KiB that nobody may store', () => {
  const { head, body } = constantAnswer({});
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n.*Content-Length: 1024\r\nCache-Control: no-store\r\n\r\n$/s);
  assert.equal(body.length, 1024);
});

test('prose is as long as it was asked to be, and gets smaller by half and more, not to nothing', () => {
  const { body } = constantAnswer({ bodyBytes: 30_000, isProse: true });
  const { length } = gzipSync(body, { level: 5 });
  assert.equal(body.length, 30_000);
  assert.ok(length > 5_000 && length < 15_000, `${length}`);
});

test('the server of constants answers as it was told to', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trivet-bench-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const constant = { cacheControl: 'max-age=60', bodyBytes: 100_000, fields: ['ETag: "a"'] };
  await using server = await ServerProcess.start(
    scriptCommand('constant-net.ts', ...constantArguments(constant)),
    folder,
  );
  const response = await fetch(`http://127.0.0.1:${server.port}/any`);
  assert.deepEqual(
    [response.headers.get('cache-control'), response.headers.get('etag'), (await response.text()).length],
    ['max-age=60', '"a"', 100_000],
  );
  const posted = await fetch(`http://127.0.0.1:${server.port}/any`, { method: 'POST', body: 'x'.repeat(200_000) });
  assert.equal((await posted.text()).length, 100_000);
});
