import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { type ScriptedOrigin, scriptedOrigin } from '../testing/scripted-origin.ts';
import type { ScriptedReply } from '../testing/scripted-reply.ts';
import { type Random, seededRandom } from '../testing/seeded-random.ts';
import { outbound } from '../testing/upstream-stand.ts';
import type { AddressRule, UpstreamOptions } from './options.ts';
import { stickyId } from './sticky.ts';
import { type Retry, Upstream } from './upstream.ts';

const members = 3;
const timeouts = { connectMs: 60_000, firstByteMs: 60_000, betweenBytesMs: 60_000 };

/** Notices what no request may see: a second end, a retry behind a head, anything once its client has left. */
class StrictSink extends CollectingSink {
  ends = 0;
  hasLeft = false;
  readonly wrongs: string[] = [];

  override onRetry(retry: Retry): void {
    if (this.head !== undefined) this.wrongs.push('a retry behind the head');
    this.#see('a retry');
    super.onRetry(retry);
  }

  override onEnd(trailers: Fields): void {
    this.ends += 1;
    this.#see('an end');
    super.onEnd(trailers);
  }

  override onFault(fault: Fault): void {
    this.ends += 1;
    this.#see(`a fault, ${fault.reason},`);
    super.onFault(fault);
  }

  #see(what: string): void {
    if (this.hasLeft || this.ends > 1) this.wrongs.push(`${what} when all was over`);
  }
}

/** Origins that answer when and as the run says, and an upstream whose time is the run's. */
async function stand(options: Partial<UpstreamOptions>) {
  const building = new AsyncDisposableStack();
  const timers = new ManualTimers();
  const open = new Set<ScriptedReply>();
  const origins: ScriptedOrigin[] = [];
  for (let at = 0; at < members; at++) {
    const origin = await scriptedOrigin(async (_, reply) => {
      open.add(reply);
      await reply.closed;
      open.delete(reply);
    });
    origins.push(building.use(origin));
  }
  const told = (rules: readonly object[]): UpstreamOptions => ({
    ...{ name: 'app', timeouts, connections: 2, queue: 12, queueWaitMs: 40_000 },
    ...{ timer: timers.set, clock: timers.clock.read, ...options },
    addresses: origins.map(({ address }, at): AddressRule => ({ ...address, ...rules[at] })),
  });
  const upstream = building.use(new Upstream(told([])));
  const tell = (rules: readonly object[]) => upstream.reconfigure(told(rules));
  const ids = origins.map(({ address }) => stickyId(address));
  return { upstream, timers, open, tell, ids, [Symbol.asyncDispose]: () => building.disposeAsync() };
}

type Stand = Awaited<ReturnType<typeof stand>>;
type Live = { readonly sink: StrictSink; readonly sending: { abort(): void } };

function arrive({ upstream, ids }: Stand, random: Random, isSticky: boolean): Live {
  const sink = new StrictSink();
  const stickyTo = isSticky && random.below(3) === 0 ? random.of(ids) : undefined;
  const method = random.of(['GET', 'GET', 'POST']);
  return { sink, sending: upstream.send(outbound({ method, stickyTo, target: `/${random.below(9)}` }), sink) };
}

function answer({ open }: Stand, random: Random): void {
  if (open.size === 0) return;
  const reply = random.of([...open]);
  open.delete(reply);
  switch (random.below(6)) {
    case 0:
      return reply.break();
    case 1:
      reply.head(200, ['Content-Length', '9']);
      return reply.break();
    case 2:
      return reply.send(503, [], 'no');
    default:
      return reply.send(200, [], 'a');
  }
}

function leave({ sink, sending }: Live): void {
  sink.hasLeft = sink.ends === 0;
  sending.abort();
}

function ruleOf(random: Random): object {
  return random.of([{}, {}, { maxConnections: 0 }, { maxConnections: 1 }, { down: true }, { weight: 3 }]);
}

type Play = { readonly s: Stand; readonly random: Random; readonly isSticky: boolean; readonly live: Live[] };

function happen({ s, random, isSticky, live }: Play): void {
  const dice = random.below(20);
  if (dice < 9) live.push(arrive(s, random, isSticky));
  else if (dice < 15) answer(s, random);
  else if (dice < 17) leave(random.of(live));
  else if (dice === 17) s.tell(Array.from({ length: members }, () => ruleOf(random)));
  else s.timers.advance(random.below(3_000));
}

/** One run: so many things happen by chance; `check` looks on after each. */
async function run(s: Stand, random: Random, isSticky: boolean, check: () => void): Promise<Live[]> {
  const live = [arrive(s, random, isSticky)];
  for (let step = 0; step < 250; step++) {
    happen({ s, random, isSticky, live });
    check();
    for (let turns = random.below(4); turns > 0; turns--) await setImmediate();
    check();
  }
  return live;
}

/** Everything is answered from here on; who is left hanging then, hangs for ever. */
async function finish(s: Stand, live: readonly Live[]): Promise<void> {
  s.tell([]);
  await eventually(() => {
    for (const reply of s.open) {
      s.open.delete(reply);
      reply.send(200, [], 'a');
    }
    assert.deepEqual(live.filter(({ sink }) => sink.ends === 0 && !sink.hasLeft).length, 0, 'hang');
    assert.deepEqual(
      s.upstream.stats().map(({ inFlight }) => inFlight),
      Array(members).fill(0),
    );
    assert.equal(s.upstream.groupStats().waiting, 0);
  });
  for (const { sink } of live) assert.deepEqual(sink.wrongs, []);
  for (const { sink } of live) if (!sink.hasLeft) assert.equal(sink.ends, 1);
}

const seeds = Array.from({ length: 6 }, (_, at) => at + 1);
const ejection = { maxFails: 1, failMs: 2_000 };

describe('whatever comes, goes, fails and is told otherwise', () => {
  for (const balance of ['round-robin', 'least-connections', 'hash'] as const) {
    for (const [how, more] of [
      ['', {}],
      [', with ejection', { ejection }],
      [', with pauses', { pauseMs: 500 }],
    ] as const) {
      test(`nobody waits beside a free connection: ${balance}${how}`, async () => {
        for (const seed of seeds) {
          await using s = await stand({ balance, retries: 0, ...more });
          const check = () => {
            if (s.upstream.groupStats().waiting === 0) return;
            const free = s.upstream.stats().filter(({ standing }) => standing === 'free');
            assert.deepEqual(free, [], `seed ${seed}`);
          };
          await finish(s, await run(s, seededRandom(seed), false, check));
        }
      });
    }
  }

  for (const [how, more] of [
    ['retries', { retries: 2, retryBudget: 100 }],
    ['retries by status', { retries: 2, retryBudget: 100, retryOn: [503], ejection }],
    ['a budget', { retries: 1, retryBudget: 1, retryOn: [503] }],
  ] as const) {
    test(`each request ends once, and no connection is kept: clients that stay, ${how}`, async () => {
      for (const seed of seeds) {
        const s = await stand({ ...more });
        await finish(s, await run(s, seededRandom(seed), true, () => undefined));
        await s[Symbol.asyncDispose]();
        assert.equal(s.timers.count, 0, `seed ${seed}`);
      }
    });
  }
});
