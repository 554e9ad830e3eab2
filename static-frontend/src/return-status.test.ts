import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { runFront } from './testing/running-front.ts';

for (const [status, length, body] of [
  [200, '0', /^$/],
  [204, undefined, /^$/],
  [205, '0', /^$/],
  [304, undefined, /^$/],
  [404, undefined, /by-rule/],
  [451, undefined, /by-rule/],
  [503, undefined, /by-rule/],
] as const) {
  test(`${status} has ${status < 400 ? 'no content' : 'a page'}${length ? ', and says so' : ''}, with the fields of its route`, async () => {
    await using tree = await fileTree({});
    const routes = [{ path: '/', returns: status, headers: { 'x-said': 'here' } }];
    await using front = await runFront({ root: tree.path, site: { routes } });
    const reply = await front.ask('/any');
    assert.deepEqual(
      [reply.status, reply.get('x-said'), reply.get('x-content-type-options')],
      [status, 'here', 'nosniff'],
    );
    if (status < 400) assert.equal(reply.get('content-length'), length);
    assert.match(reply.body, body);
  });
}

test('444 closes without a word', async () => {
  await using tree = await fileTree({});
  await using front = await runFront({ root: tree.path, site: { routes: [{ path: '/', returns: 444 }] } });
  assert.equal(await rawExchange(front.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), '');
});
