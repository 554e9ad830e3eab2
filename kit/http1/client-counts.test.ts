import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClientCounts, type Entry } from './client-counts.ts';

test('a client has as many connections as it may, hears of as many that it may not, and of no more', () => {
  const counts = new ClientCounts(2);
  const entries = Array.from({ length: 6 }, () => counts.enter('192.0.2.1'));
  assert.deepEqual(entries, ['served', 'served', 'refused', 'refused', 'dropped', 'dropped']);
  assert.equal(counts.enter('192.0.2.2'), 'served');
});

test('a client is served again when one of its connections has closed, though refused ones are still open', () => {
  const counts = new ClientCounts(1);
  assert.deepEqual([counts.enter('a'), counts.enter('a')], ['served', 'refused']);
  counts.leave('a', 'served');
  assert.equal(counts.enter('a'), 'served');
});

test('IPv6 clients are counted by their /64', () => {
  const counts = new ClientCounts(1);
  assert.deepEqual(
    ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'].map((address) => counts.enter(address)),
    ['served', 'refused', 'served'],
  );
});

test('without a limit nobody is counted', () => {
  const counts = new ClientCounts(0);
  for (let i = 0; i < 100; i++) assert.equal(counts.enter('a'), 'served');
  counts.leave('a', 'served');
  assert.equal(counts.size, 0);
});

test('whoever comes and goes, no client has more than it may, and nothing is kept of those that left', () => {
  const step = fc.record({ client: fc.constantFrom('a', 'b', '::1', '::2'), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (most, steps) => {
      const counts = new ClientCounts(most);
      const open: { client: string; entry: Entry }[] = [];
      for (const { client, leaves } of steps) {
        if (!leaves) open.push({ client, entry: counts.enter(client) });
        else leave(counts, open.splice(0, 1));
        for (const key of ['a', 'b', ':']) {
          const of = (what: Entry) => open.filter((one) => one.client.startsWith(key) && one.entry === what).length;
          assert.ok(of('served') <= most && of('refused') <= most);
        }
      }
      leave(counts, open);
      assert.equal(counts.size, 0);
    }),
  );
});

function leave(counts: ClientCounts, all: readonly { client: string; entry: Entry }[]): void {
  for (const { client, entry } of all) counts.leave(client, entry);
}
