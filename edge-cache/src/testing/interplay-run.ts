// Everything at once: clients of every kind, while what they get is purged, banned, evicted, renewed and fetched.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Policy } from '../define-policy.ts';
import { purge } from '../machine/purger.ts';
import type { Selector } from '../policy/purge.ts';
import type { Rules } from '../rules.ts';
import { ban, ManualPace } from './ban.ts';
import { type Ask, Asking } from './client.ts';
import { checkBeginning, checkWhole } from './interplay-check.ts';
import { type Dice, dice, kinds, type Resource, resources, siteOf } from './interplay-site.ts';
import { edgeStand, type Stand } from './stand.ts';

const MOST_AT_ONCE = 40;
const STORE_BYTES = 1_500_000;

/** Plays `steps` moves that the seed tells; fails when an answer is wrong, or anything is left in the end. */
export async function interplay(seed: number, steps: number): Promise<void> {
  const roll = dice(seed);
  const all = resources(roll);
  await using stand = await edgeStand(siteOf(all, dice(seed + 1)), {
    policy: policyOf(0),
    storeMemory: STORE_BYTES,
    grace: 30_000,
  });
  const play = new Play(stand, [...all.values()], roll);
  for (let step = 0; step < steps; step += 1) await play.step();
  await play.end();
}

/** Its hooks have their mark, and what they admit its kind for a tag. */
function policyOf(mark: number): Policy {
  return {
    admit: ({ header }) => ({ tags: [header('x-kind') ?? 'none'] }),
    deliver: () => ({ set: { 'X-Policy': String(mark) } }),
  };
}

class Play {
  readonly #stand: Stand;
  readonly #all: readonly Resource[];
  readonly #roll: Dice;
  readonly #pace = new ManualPace();
  /** What is asked and not over. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #paused: Asking[] = [];
  readonly #failures: unknown[] = [];
  readonly #older: Rules[] = [];

  constructor(stand: Stand, all: readonly Resource[], roll: Dice) {
    this.#stand = stand;
    this.#all = all;
    this.#roll = roll;
    stand.edge.lurker.start(this.#pace);
  }

  async step(): Promise<void> {
    if (this.#roll(4) > 0) this.#ask();
    else this.#meddle();
    for (let turns = this.#roll(4); turns > 0; turns -= 1) await turn();
    while (this.#underWay.size >= MOST_AT_ONCE) {
      await this.#resumeOne();
      await Promise.race([...this.#underWay, turn()]);
    }
    const { bytes, reservedBytes, limitBytes } = this.#stand.edge.store.stats();
    assert.ok(reservedBytes >= 0 && bytes + reservedBytes <= limitBytes, `${bytes} and ${reservedBytes}`);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  /** Nobody is there any more, and all is purged: nothing is held. */
  async end(): Promise<void> {
    while (this.#underWay.size > 0) {
      await this.#resumeOne();
      await Promise.race([...this.#underWay, turn()]);
    }
    if (this.#failures.length > 0) throw this.#failures[0];
    const { edge } = this.#stand;
    await eventually(() => assert.deepEqual([...edge.flights.all()], []));
    this.#purge({ by: 'all' }, false);
    await eventually(() => {
      const { entries, keys, bytes, reservedBytes } = edge.store.stats();
      assert.deepEqual({ entries, keys, bytes, reservedBytes }, { entries: 0, keys: 0, bytes: 0, reservedBytes: 0 });
      assert.equal(edge.flights.size, 0);
      assert.equal(edge.encoders.streams, 0);
      assert.deepEqual(
        [...this.#older, edge.rules].filter(({ users }) => users !== 0),
        [],
      );
    });
  }

  #ask(): void {
    const resource = this.#any(this.#all);
    const method = this.#methodFor(resource);
    const ask = { method, headers: this.#headersFor(resource), ...(method === 'POST' ? { body: 'x' } : {}) };
    const asked = this.#asked(resource, ask).catch((error) => void this.#failures.push(error));
    this.#underWay.add(asked);
    void asked.then(() => this.#underWay.delete(asked));
  }

  async #asked(resource: Resource, ask: Ask & { readonly method: string }): Promise<void> {
    const asking = new Asking(this.#stand.port, resource.path, ask);
    switch (this.#roll(5)) {
      case 0:
        return await this.#left(asking, resource, ask);
      case 1:
        await asking.pause().catch(() => undefined);
        this.#paused.push(asking);
    }
    try {
      checkWhole(ask.method, resource, await asking.whole());
    } catch (error) {
      if (resource.kind !== 'flaky' || error instanceof assert.AssertionError)
        throw new Error(`${JSON.stringify(ask)}`, { cause: error });
    }
  }

  async #left(asking: Asking, resource: Resource, { method }: { readonly method: string }): Promise<void> {
    const when = this.#roll(4);
    for (let turns = this.#roll(10); turns > 0; turns -= 1) await turn();
    if (when === 0) {
      asking.leave();
      return void (await asking.outcome);
    }
    const head = await asking.head().catch(() => undefined);
    for (let turns = this.#roll(10) * when; turns > 0; turns -= 1) await turn();
    asking.leave();
    await asking.outcome;
    if (head?.status !== 200 || head.header('content-encoding') !== undefined || method === 'HEAD') return;
    checkBeginning(resource, Buffer.from(asking.received, 'latin1'));
  }

  #methodFor({ kind }: Resource): string {
    if (kind === 'posted' && this.#roll(2) === 0) return 'POST';
    return this.#roll(8) === 0 ? 'HEAD' : 'GET';
  }

  #headersFor({ plain, etag }: Resource): Record<string, string> {
    const headers: Record<string, string> = {};
    const codings = ['gzip', 'br', 'zstd, gzip;q=0.5', 'identity', 'gzip, br, zstd', '*'];
    if (this.#roll(3) > 0) headers['accept-encoding'] = this.#any(codings);
    if (this.#roll(6) === 0) headers['if-none-match'] = this.#any([etag, `W/${etag}`, '"other"']);
    if (this.#roll(3) === 0) headers.range = this.#range(plain.length);
    return headers;
  }

  #range(size: number): string {
    const ranges = Array.from({ length: 1 + (this.#roll(2) && this.#roll(4)) }, () => {
      const first = this.#roll(size);
      return this.#any([`${first}-${first + this.#roll(size - first)}`, `${first}-`, `-${1 + this.#roll(size)}`]);
    });
    return `bytes=${ranges.join(', ')}`;
  }

  #meddle(): void {
    const { edge, clock } = this.#stand;
    const moves: readonly (() => void)[] = [
      () => this.#purge(this.#selector(), this.#roll(2) === 0),
      () => this.#purge(this.#selector(), this.#roll(2) === 0),
      () =>
        void ban(
          this.#stand,
          this.#any([`req.url ~ ^/${this.#any(kinds)}/`, 'obj.http.x-kind == text', 'obj.age > 5s']),
        ),
      () => void this.#pace.goOn(),
      () => clock.advance(this.#roll(15_000)),
      () => void this.#resumeOne(),
      () => void this.#resumeOne(),
      () => this.#adopt(),
    ];
    this.#any(moves)();
    assert.ok(edge.store.stats().reservedBytes >= 0);
  }

  #selector(): Selector {
    const { path } = this.#any(this.#all);
    const host = `127.0.0.1:${this.#stand.port}`;
    return this.#any<Selector>([
      { by: 'url', host, path },
      { by: 'prefix', host, path: path.slice(0, -1) },
      { by: 'tags', tags: [this.#any(kinds), this.#any(kinds)] },
      { by: 'all' },
    ]);
  }

  #purge(selector: Selector, soft: boolean): void {
    purge(this.#stand.edge, { selector, soft, dryRun: false });
  }

  #adopt(): void {
    this.#older.push(this.#stand.edge.rules);
    this.#stand.adopt(policyOf(this.#older.length));
  }

  async #resumeOne(): Promise<void> {
    await this.#paused
      .shift()
      ?.resume()
      .catch(() => undefined);
  }

  #any<T>(choices: readonly T[]): T {
    const choice = choices[this.#roll(choices.length)];
    assert.ok(choice !== undefined);
    return choice;
  }
}
