import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { serve } from '../testing/serving.ts';

for (const serverTiming of [true, false]) {
  test(`OPTIONS * is answered by the server itself, with nothing in it, timing ${serverTiming}`, async () => {
    let calls = 0;
    await using server = await serve(
      (_, start) => {
        calls += 1;
        start('200 OK', []);
        return [];
      },
      { serverTiming },
    );
    const request = 'OPTIONS * HTTP/1.1\r\nHost: a\r\nX-Request-Id: id-1\r\nConnection: close\r\n\r\n';
    const answer = String(await rawExchange(server.port, request));
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /^Content-Length: 0\r$/m);
    assert.match(answer, /^X-Request-Id: id-1\r$/m);
    assert.equal(/^Server-Timing: app;dur=/m.test(answer), serverTiming);
    assert.ok(answer.endsWith('\r\n\r\n'));
    assert.equal(calls, 0);
  });
}
