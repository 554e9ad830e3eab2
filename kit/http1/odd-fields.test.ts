import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testLanes } from '../testing/both-lanes.ts';
import { keptWarnings } from '../testing/kept-warnings.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { silentLog } from '../testing/silent.ts';
import { fieldNames, OddFields } from './odd-fields.ts';

const none = fieldNames.parse('');

const asked =
  'POST / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 203.0.113.1\r\nX-Kept: 1\r\nContent_Length: 9\r\n' +
  'Content-Length: 2\r\nx.real.ip: 203.0.113.2\r\nx_forwarded_for: 203.0.113.3\r\nX_Token: t\r\nConnection: close\r\n\r\nab';

for (const [what, letsThrough, kept] of [
  ['', none, ['X-Kept']],
  [' but those of a list', fieldNames.parse('y, x_TOKEN'), ['X-Kept', 'X_Token']],
] as const) {
  testLanes(`fields of odd names are dropped before a handler sees them${what}`, async (open) => {
    const { log, lines } = keptWarnings();
    let seen: readonly string[] = [];
    await using server = await open({
      oddFields: letsThrough,
      log,
      onRequest: async ({ fields, body }, response) => {
        seen = fields.filter((_, i) => i % 2 === 0);
        response.end((await body?.toArray())?.join(''));
      },
    });
    assert.match(await rawExchange(server.port, asked), /\r\n\r\nab$/);
    assert.deepEqual(seen, ['Host', ...kept.slice(0, 1), 'Content-Length', ...kept.slice(1), 'Connection']);
    await rawExchange(server.port, asked);
    const said = lines.map((line) => (line as { field?: unknown }).field);
    const dropped = ['x_forwarded_for', 'content_length', 'x.real.ip', 'x_token'];
    assert.deepEqual(said, dropped.slice(0, kept.length === 1 ? 4 : 3), 'each name once');
  });
}

testLanes('without a word about them, fields of odd names are kept', async (open) => {
  let seen: readonly string[] = [];
  await using server = await open({
    onRequest: ({ fields }, response) => {
      seen = fields;
      response.end();
    },
  });
  await rawExchange(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nX_A: 1\r\nConnection: close\r\n\r\n');
  assert.deepEqual(seen.slice(2, 4), ['X_A', '1']);
});

describe('odd fields', () => {
  test('cost a request without any nothing: its list is the same', () => {
    const fields = ['Host', 'a', 'Sec-CH-UA', 'x_y'];
    assert.equal(new OddFields(none, silentLog).sift(fields), fields);
  });

  test('all pass with *', () => {
    assert.deepEqual(new OddFields(fieldNames.parse('*'), silentLog).sift(['a_b', '1']), ['a_b', '1']);
  });

  test('are logged for the first names only, however many a client makes up', () => {
    const { log, lines } = keptWarnings();
    const odd = new OddFields(none, log);
    for (let i = 0; i < 1_000; i++) assert.deepEqual(odd.sift([`a_${i}`, '']), []);
    assert.equal(lines.length, 32);
    assert.match(String(lines.at(-1)?.msg), /further names are not logged$/);
  });

  test('are named by names', () => {
    assert.match(String(fieldNames.safeParse('a_b, c d').error), /\\"c d\\" is no name of a field/);
  });
});
