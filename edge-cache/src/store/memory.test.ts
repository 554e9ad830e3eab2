import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryStore } from './memory.ts';
import { headBytes } from './store.ts';
import { draftOf, put, storeContract } from './store-contract.ts';

storeContract('the memory store', (limitBytes) => new MemoryStore(limitBytes));

test('a stored body is exactly its own memory, whatever buffers it came in', () => {
  const store = new MemoryStore(1_000_000);
  const pool = Buffer.alloc(65_536);
  const known = store.begin(1000, 6);
  const unknown = store.begin(1000, undefined);
  for (const writer of [known, unknown]) {
    writer?.write(pool.subarray(0, 2));
    writer?.write(pool.subarray(100, 104));
  }
  for (const [writer, path] of [
    [known, '/a'],
    [unknown, '/b'],
  ] as const) {
    const entry = writer?.finish(draftOf({ path }));
    const pieces = (entry && store.borrow(entry))?.pieces ?? [];
    assert.equal(Buffer.concat(pieces).length, 6);
    for (const piece of pieces) assert.equal(piece.buffer.byteLength, piece.length);
  }
});

test('[case 40] what was read of a body stays what it is when its head has grown and there is no room for it', () => {
  const store = new MemoryStore(20_000);
  const draft = draftOf({ path: '/a' });
  const writer = store.begin(headBytes(draft), 1000);
  const others = store.begin(20_000 - headBytes(draft) - 1000, undefined);
  writer?.write(Buffer.alloc(1000, 'a'));
  const read = writer?.read(0);
  assert.equal(writer?.finish({ ...draft, trailers: 'X-Sum: 1\r\n' }), undefined);
  assert.equal(read?.toString(), 'a'.repeat(1000));
  assert.equal(store.stats().reservedBytes, 20_000 - headBytes(draft));
  writer?.[Symbol.dispose]();
  others?.[Symbol.dispose]();
  assert.equal(read?.length, 0);
  assert.equal(store.stats().reservedBytes, 0);
});

const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), path: fc.nat(5), size: fc.nat(9000), tag: fc.nat(3) }),
  fc.record({ do: fc.constant('begin' as const), path: fc.nat(5), size: fc.nat(9000) }),
  fc.record({ do: fc.constant('settle' as const), path: fc.nat(5), finish: fc.boolean() }),
  fc.record({ do: fc.constant('drop' as const), path: fc.nat(5) }),
  fc.record({ do: fc.constant('refresh' as const), path: fc.nat(5), size: fc.nat(200) }),
  fc.record({ do: fc.constant('borrow' as const), path: fc.nat(5) }),
  fc.record({ do: fc.constant('giveBack' as const), path: fc.nat(5) }),
);

function agrees(store: MemoryStore, limit: number): void {
  const stats = store.stats();
  assert.ok(stats.bytes + stats.reservedBytes <= limit, 'over budget');
  assert.ok(stats.reservedBytes >= 0);
  const entries = [...store.entries()];
  const sum = entries.reduce((total, entry) => total + headBytes(entry) + entry.bodyLength, 0);
  assert.equal(stats.bytes, sum);
  assert.equal(stats.entries, entries.length);
  for (const tag of ['0', '1', '2', '3']) {
    assert.deepEqual(new Set(store.tagged(tag)), new Set(entries.filter((entry) => entry.tags.includes(tag))));
  }
}

test('[case 40] [case 72] whatever happens, the budget holds, and index, tags and sizes agree', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limit = 30_000;
      const store = new MemoryStore(limit);
      const open = new Map<number, NonNullable<ReturnType<MemoryStore['begin']>>>();
      const lent = new Map<number, { pieces: readonly Buffer[]; copy: Buffer; giveBack(): void }>();
      const play: { [K in (typeof steps)[number]['do']]: (step: Extract<(typeof steps)[number], { do: K }>) => void } =
        {
          put: ({ path, size, tag }) =>
            void put(store, draftOf({ path: `/${path}`, tags: [`${tag}`] }), Buffer.alloc(size, size & 0xff)),
          begin: ({ path, size }) => {
            const writer = open.has(path)
              ? undefined
              : store.begin(headBytes(draftOf({ path: `/${path}` })), undefined);
            if (writer !== undefined) open.set(path, writer);
            writer?.write(Buffer.alloc(size));
          },
          settle: ({ path, finish }) => {
            if (finish) open.get(path)?.finish(draftOf({ path: `/${path}` }));
            open.get(path)?.[Symbol.dispose]();
            open.delete(path);
          },
          drop: ({ path }) =>
            store
              .peek(`h/${path}`)
              .slice()
              .forEach((entry) => void store.drop(entry)),
          borrow: ({ path }) => {
            const [entry] = lent.has(path) ? [] : store.peek(`h/${path}`);
            const loan = entry && store.borrow(entry);
            if (loan)
              lent.set(path, {
                pieces: loan.pieces,
                copy: Buffer.concat(loan.pieces),
                giveBack: () => loan.giveBack(),
              });
          },
          giveBack: ({ path }) => {
            lent.get(path)?.giveBack();
            lent.delete(path);
          },
          refresh: ({ path, size }) => {
            const [entry] = store.peek(`h/${path}`);
            if (entry) store.refresh(entry, draftOf({ path: `/${path}`, sent: 'x'.repeat(size) }));
          },
        };
      for (const one of steps) {
        (play[one.do] as (step: typeof one) => void)(one);
        for (const { pieces, copy } of lent.values()) assert.ok(Buffer.concat(pieces).equals(copy), 'freed while lent');
        agrees(store, limit);
      }
      for (const writer of open.values()) writer[Symbol.dispose]();
      for (const loan of lent.values()) loan.giveBack();
      assert.equal(store.stats().reservedBytes, 0);
    }),
  );
});
