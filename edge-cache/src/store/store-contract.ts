import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copyOf } from './body.ts';
import { type Draft, type Entry, headBytes, placeOf, type Store } from './store.ts';

/** A draft with nothing special about it, under `h/`. */
export function draftOf({ path = '/', ...over }: Partial<Draft> & { readonly path?: string } = {}): Draft {
  return {
    key: `h${path}`,
    url: `h${path}`,
    hostLength: 1,
    vary: [],
    variant: '',
    status: 200,
    isEsi: false,
    sent: 'Content-Type: text/plain\r\n',
    held: '',
    trailers: '',
    life: { born: 0, freshUntil: 10, graceUntil: 20, errorUntil: 30, keepUntil: 40 },
    tags: [],
    servesAuthorized: false,
    part: undefined,
    sinceBan: 0,
    ...over,
  };
}

/** Puts a whole response into a store. */
export function put(store: Store, draft: Draft, body: string | Uint8Array = 'body'): Entry | undefined {
  using writer = store.begin(headBytes(draft), undefined);
  if (writer === undefined || !writer.write(Buffer.from(body))) return undefined;
  return writer.finish(draft);
}

/** A copy of what an entry's body is. */
export function bodyOf(store: Store, entry: Entry | undefined): Buffer | undefined {
  return entry && copyOf(store.borrow(entry));
}

const text = (store: Store, entry: Entry | undefined) => bodyOf(store, entry)?.toString();

type Clause = readonly [name: string, limitBytes: number, keeps: (store: Store) => void];

const clauses: readonly Clause[] = [
  [
    'what was put in is found by its key, with its body',
    1_000_000,
    (store) => {
      const entry = put(store, draftOf({ path: '/a' }), 'hello');
      assert.deepEqual(store.peek('h/a'), [entry]);
      assert.equal(text(store, store.peek('h/a')[0]), 'hello');
      assert.equal(store.peek('h/a')[0]?.bodyLength, 5);
      assert.deepEqual(store.peek('h/b'), []);
    },
  ],
  [
    'nothing is found, and nothing is held, before a writer is finished',
    1_000_000,
    (store) => {
      {
        using writer = store.begin(1000, 4);
        assert.equal(writer?.write(Buffer.from('body')), true);
        assert.deepEqual([...store.entries()], []);
        assert.ok(store.stats().reservedBytes >= 1004);
      }
      assert.deepEqual([...store.entries()], []);
      assert.equal(store.stats().reservedBytes, 0);
    },
  ],
  [
    'what is being written can be read from any place, before and after it is finished',
    10_000_000,
    (store) => {
      const bytes = Buffer.alloc(300_000, 'abcdefghij');
      const writer = store.begin(1000, undefined);
      for (let at = 0; at < bytes.length; at += 70_001) writer?.write(bytes.subarray(at, at + 70_001));
      const readAll = (from: number) => {
        const parts: Buffer[] = [];
        for (let at = from, part = writer?.read(at); part !== undefined; part = writer?.read(at)) {
          parts.push(part);
          at += part.length;
        }
        return Buffer.concat(parts);
      };
      assert.ok(readAll(0).equals(bytes));
      assert.ok(readAll(123_457).equals(bytes.subarray(123_457)));
      const entry = writer?.finish(draftOf());
      assert.ok(readAll(99).equals(bytes.subarray(99)));
      assert.ok(bodyOf(store, entry)?.equals(bytes));
      writer?.[Symbol.dispose]();
      assert.equal(store.stats().reservedBytes, 0);
    },
  ],
  [
    'variants live side by side, newest first, and a new one takes the place of its like',
    1_000_000,
    (store) => {
      const variant = (value: string) => draftOf({ vary: ['foo'], variant: `foo:${value}\n` });
      put(store, variant('1'), 'one');
      put(store, variant('2'), 'two');
      put(store, variant('1'), 'one again');
      assert.deepEqual(
        store.peek('h/').map((entry) => text(store, entry)),
        ['one again', 'two'],
      );
      assert.equal(store.stats().entries, 2);
    },
  ],
  [
    'the number of variants of a key is bounded',
    10_000_000,
    (store) => {
      for (let i = 0; i < 500; i++) put(store, draftOf({ vary: ['foo'], variant: `foo:${i}\n` }));
      assert.ok(store.peek('h/').length <= 100);
      assert.equal(store.peek('h/')[0]?.variant, 'foo:499\n');
    },
  ],
  [
    'refreshed, an entry keeps its body under a new head',
    1_000_000,
    (store) => {
      const entry = put(store, draftOf(), 'kept');
      assert.ok(entry);
      const fresh = store.refresh(entry, draftOf({ sent: 'A: 1\r\n' }));
      assert.deepEqual(store.peek('h/'), [fresh]);
      assert.equal(fresh?.sent, 'A: 1\r\n');
      assert.equal(text(store, fresh), 'kept');
      assert.equal(store.stats().entries, 1);
    },
  ],
  [
    'a body stays where it is for whoever borrowed it before its entry went, and no longer',
    1_000_000,
    (store) => {
      const entry = put(store, draftOf(), 'body');
      const loan = entry && store.borrow(entry);
      assert.ok(entry && loan);
      assert.equal(store.drop(entry), true);
      assert.equal(store.drop(entry), false);
      assert.deepEqual(store.peek('h/'), []);
      assert.equal(Buffer.concat(loan.pieces).toString(), 'body');
      assert.equal(store.stats().bytes, 0);
      assert.equal(store.stats().reservedBytes, 4, 'what is still sent takes room');
      loan.giveBack();
      loan.giveBack();
      assert.equal(store.stats().reservedBytes, 0);
      assert.equal(store.borrow(entry), undefined);
      assert.equal(store.refresh(entry, draftOf()), undefined);
    },
  ],
  [
    'an entry that went while its body was lent can be brought back by a refresh',
    1_000_000,
    (store) => {
      const entry = put(store, draftOf(), 'body');
      const loan = entry && store.borrow(entry);
      assert.ok(entry && loan);
      store.drop(entry);
      const fresh = store.refresh(entry, draftOf());
      loan.giveBack();
      assert.equal(text(store, fresh), 'body');
      assert.equal(store.stats().reservedBytes, 0);
    },
  ],
  [
    'tags lead to their entries as long as these are stored',
    1_000_000,
    (store) => {
      const a = put(store, draftOf({ path: '/a', tags: ['x', 'y'] }));
      const b = put(store, draftOf({ path: '/b', tags: ['y'] }));
      assert.deepEqual([...store.tagged('y')], [a, b]);
      assert.ok(a);
      store.drop(a);
      assert.deepEqual([...store.tagged('y')], [b]);
      assert.deepEqual([...store.tagged('x')], []);
    },
  ],
  [
    'when it is full, what was used least recently goes',
    40_000,
    (store) => {
      const paths = ['/a', '/b', '/c'];
      const [a] = paths.map((path) => put(store, draftOf({ path, tags: [path] }), Buffer.alloc(10_000)));
      assert.ok(a);
      bodyOf(store, a);
      put(store, draftOf({ path: '/d' }), Buffer.alloc(10_000));
      const left = [...store.entries()].map((entry) => placeOf(entry).path).sort();
      assert.deepEqual(left, ['/a', '/c', '/d']);
      assert.deepEqual([...store.tagged('/b')], []);
      assert.ok(store.stats().evictions >= 1);
    },
  ],
  [
    'what is used again and again stays, whatever comes and goes',
    60_000,
    (store) => {
      const used = ['/a', '/b', '/c'].map((path) => put(store, draftOf({ path }), Buffer.alloc(10_000)));
      for (let i = 0; i < 20; i += 1) {
        for (const entry of used) assert.equal(entry && bodyOf(store, entry)?.length, 10_000, `round ${i}`);
        put(store, draftOf({ path: `/${i}` }), Buffer.alloc(10_000));
      }
      assert.ok(store.stats().evictions >= 15);
    },
  ],
  [
    'used once, it goes in its turn',
    40_000,
    (store) => {
      const a = put(store, draftOf({ path: '/a' }), Buffer.alloc(10_000));
      assert.ok(a);
      bodyOf(store, a);
      for (const path of ['/b', '/c', '/d', '/e', '/f', '/g']) put(store, draftOf({ path }), Buffer.alloc(10_000));
      assert.deepEqual(store.peek('h/a'), []);
    },
  ],
  [
    'what cannot have room is refused and empties nothing',
    40_000,
    (store) => {
      put(store, draftOf({ path: '/a' }));
      assert.equal(store.begin(1000, 50_000), undefined);
      using writer = store.begin(1000, undefined);
      assert.equal(writer?.write(Buffer.alloc(30_000)), true);
      assert.equal(writer?.write(Buffer.alloc(20_000)), false);
      assert.equal(writer?.write(Buffer.alloc(1)), false, 'once refused, it stays refused');
      assert.equal(writer?.length, 30_000);
      assert.equal(writer?.finish(draftOf({ path: '/b' })), undefined);
      assert.deepEqual(store.peek('h/b'), []);
    },
  ],
  [
    'writers in flight count, and give back what they held',
    100_000,
    (store) => {
      const first = store.begin(1000, 60_000);
      assert.equal(store.begin(1000, 60_000), undefined);
      first?.[Symbol.dispose]();
      using second = store.begin(1000, 60_000);
      assert.ok(second);
    },
  ],
];

/** Every store passes these; a store's own file tests only what is its own. */
export function storeContract(name: string, open: (limitBytes: number) => Store): void {
  describe(`${name} keeps the store contract`, () => {
    for (const [what, limitBytes, keeps] of clauses) test(what, () => keeps(open(limitBytes)));
  });
}
