import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { draftOf } from '../store/store-contract.ts';
import { ALIVE, den } from '../testing/den.ts';

/** A ban as the model knows it: no expression, no list, no order. */
type Given = { readonly of: 'url' | 'kind' | 'user' | 'age'; readonly which: number; readonly at: number };
/** A stored response as the model knows it, with how many bans were given before it was asked for. */
type Known = { readonly path: number; readonly since: number; readonly kind: number; readonly born: number };

const expressions: Readonly<Record<Given['of'], (n: number) => string>> = {
  url: (n) => `req.url == /${n}`,
  kind: (n) => `obj.http.x-kind ~ ^${n}$`,
  user: (n) => `req.http.x-user == ${n}`,
  age: (n) => `obj.age > ${n * 10}ms`,
};

/** The cache, and beside it a model that asks every ban ever given about everything, every time. */
class Pair {
  readonly #den = den();
  readonly #given: Given[] = [];
  readonly #known = new Map<number, Known>();

  constructor() {
    this.#den.pace.stepMs = 1.5;
  }

  store(path: number, kind: number): void {
    const { clock, keep } = this.#den;
    keep(`/${path}`, { sent: `X-Kind: ${kind}\r\n`, life: { ...ALIVE, born: clock.now } });
    this.#known.set(path, { path, since: this.#given.length, kind, born: clock.now });
  }

  ban(of: Given['of'], which: number): void {
    const { clock, add } = this.#den;
    this.#given.push({ of, which, at: clock.now });
    add(expressions[of](which));
  }

  lookUp(path: number, user: number): void {
    const { store, bans } = this.#den;
    const [entry] = store.peek(`h/${path}`);
    const isServed = entry !== undefined && bans.hitting(entry, ['X-User', String(user)]) === undefined;
    const known = this.#known.get(path);
    assert.equal(isServed, known !== undefined && !this.#isBanned(known, user));
    if (isServed) return;
    this.#known.delete(path);
    if (entry !== undefined) store.drop(entry);
  }

  soften(path: number): void {
    const { store } = this.#den;
    const [entry] = store.peek(`h/${path}`);
    if (entry !== undefined) store.refresh(entry, { ...draftOf(), ...entry });
  }

  lurk(): void {
    this.#den.pace.go();
  }

  wait(ms: number): void {
    this.#den.clock.now += ms;
  }

  /** Lets the lurker come to the end of its work: what is left must be what the model has left. */
  settle(): void {
    const { store, bans, pace } = this.#den;
    pace.goOn();
    assert.equal(bans.hasUntested, false);
    for (const known of this.#known.values()) {
      assert.equal(store.peek(`h/${known.path}`).length, this.#isBanned(known, undefined) ? 0 : 1);
    }
  }

  #isBanned({ path, since, kind, born }: Known, user: number | undefined): boolean {
    const hits: Readonly<Record<Given['of'], (given: Given) => boolean>> = {
      url: ({ which }) => which === path,
      kind: ({ which }) => which === kind,
      user: ({ which }) => which === user,
      age: ({ which, at }) => at - born > which * 10,
    };
    return this.#given.slice(since).some((given) => hits[given.of](given));
  }
}

const small = fc.integer({ min: 0, max: 3 });
const field = fc.constantFrom<Given['of']>('url', 'kind', 'user', 'age');
type Move = (pair: Pair) => void;
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.tuple(small, small).map((given) => (pair: Pair) => pair.store(...given)),
  fc.tuple(field, small).map((given) => (pair: Pair) => pair.ban(...given)),
  fc.tuple(small, small).map((given) => (pair: Pair) => pair.lookUp(...given)),
  small.map((path) => (pair: Pair) => pair.soften(path)),
  fc.integer({ min: 1, max: 20 }).map((ms) => (pair: Pair) => pair.wait(ms)),
  fc.constant((pair: Pair) => pair.lurk()),
);

test('[case 41] whatever happens, nothing banned is served, and nothing else is lost', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const pair = new Pair();
      for (const make of moves) make(pair);
      pair.settle();
    }),
    { numRuns: 500 },
  );
});
