import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { behind } from './behind.ts';

for (const [what, answered, calls] of [
  ['nothing of its own', false, 1],
  ['found nothing after all', Promise.resolve(false), 1],
  ['answered', Promise.resolve(true), 0],
] as const) {
  test(`who is behind folders is asked ${calls} times when these have ${what}`, async () => {
    let asked = 0;
    const handler = behind({ tryStatic: () => answered }, () => {
      asked += 1;
    });
    const done = handler({} as Inbound, {} as ServerResponse);
    // What is not theirs does not wait.
    assert.equal(asked, answered === false ? 1 : 0);
    await done;
    assert.equal(asked, calls);
  });
}

test('trouble with the disk is told, and nobody else is asked', async () => {
  const handler = behind({ tryStatic: () => Promise.reject(new Error('EIO')) }, () => assert.fail('it was asked'));
  await assert.rejects(Promise.resolve(handler({} as Inbound, {} as ServerResponse)), /EIO/);
});
