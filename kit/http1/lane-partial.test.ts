// What is refused before its end by the slow lane is so by both: its end may never come.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { comparable } from '../testing/both-ways.ts';
import { eventually } from '../testing/eventually.ts';
import { statuses } from '../testing/http-text.ts';
import { laneStand } from '../testing/lane-stand.ts';
import { rawConnect } from '../testing/raw-client.ts';

const line = 'GET /fast/1 HTTP/1.1\r\n';
const malformed: readonly (readonly [what: string, text: string])[] = [
  ['lines that end with LF', 'GET /fast/1 HTTP/1.1\nHost: a\n\n'],
  ['a last line that ends with LF', `${line}Host: a\r\n\n`],
  ['the same without a field', 'GET /fast/1 HTTP/1.0\n\n'],
  ['small letters', 'GET /fast/1 http/1.1\r\n'],
  ['a version that nobody speaks', 'GET /fast/1 HTTP/3.1\r\n'],
  ['a blank before the colon', `${line}Host : a\r\n`],
  ['a line without a colon', `${line}Host\r\n`],
  ['a NUL', `${line}Host: a\r\nX: \0\r\n`],
];

describe('a head that goes on, or so it seems, is refused at once where it has', () => {
  for (const [what, text] of malformed) {
    test(what, { timeout: 20_000 }, async () => {
      const told = (['on', 'off'] as const).map(async (lane) => {
        await using stand = await laneStand({ lane, limits: { headerTimeout: 60_000 } });
        await using client = await rawConnect(stand.port);
        await client.write(`${line}Host: a\r\n\r\n`);
        await client.write(text);
        await client.closed;
        return comparable(client.received);
      });
      const [on = '', off = ''] = await Promise.all(told);
      assert.equal(on, off);
      assert.deepEqual([statuses(on).length, statuses(on)[0]], [2, 200]);
      assert.match(String(statuses(on)[1]), /^(400|505)$/);
    });
  }
});

test('a head that changes lanes before its end has no more time than one that does not', async () => {
  await using stand = await laneStand({ limits: { headerTimeout: 1_000 } });
  await using client = await rawConnect(stand.port);
  const begunAt = performance.now();
  await client.write('G');
  await eventually(() => assert.ok(performance.now() - begunAt > 800));
  // An absolute target is for the slow lane.
  await client.write('ET http://a/');
  await client.closed;
  const took = performance.now() - begunAt;
  assert.deepEqual(statuses(client.received), [408]);
  assert.ok(took < 1_600, `answered after ${took}ms`);
});
