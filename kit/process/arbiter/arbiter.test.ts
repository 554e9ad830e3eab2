import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { eventually } from '../../testing/eventually.ts';
import { Arbiter } from './arbiter.ts';
import { type Member, type MemberEvents, newcomer, type Seat } from './member.ts';

/** A member that does nothing; it comes up, and ends when it is told to. */
class Puppet implements Member {
  readonly id: number;
  readonly place: number;
  readonly generation: number;
  readonly pid: number;
  readonly events: MemberEvents;
  readonly heard: string[] = [];
  readonly drained = Promise.withResolvers<void>();
  state: Member['state'];
  since: number;
  hasServed: boolean;
  inFlight: number;
  tired: Member['tired'];

  constructor({ id, place, generation }: Seat, events: MemberEvents) {
    ({ state: this.state, since: this.since, hasServed: this.hasServed, inFlight: this.inFlight } = newcomer());
    this.id = id;
    this.place = place;
    this.generation = generation;
    this.pid = 1000 + id;
    this.events = events;
  }

  retire(): Promise<void> {
    this.heard.push('retire');
    return this.drained.promise;
  }

  signal(name: string): void {
    this.heard.push(name);
    if (name === 'SIGKILL') this.end(null);
  }

  end(code: number | null): void {
    this.events.onGone();
    this.events.onEnd({ code, signal: code === null ? 'SIGKILL' : null, why: `exit code ${code}` });
  }
}

type Behaviour = 'comes up' | 'falls' | 'is not started' | 'waits';

function arbiterOf(wanted: number, fatal?: (why: string) => Error) {
  const lines: Record<string, unknown>[] = [];
  const made: Puppet[] = [];
  let behaviour: Behaviour = 'comes up';
  const arbiter: Arbiter<Puppet> = new Arbiter<Puppet>({
    wanted,
    limits: { startupMs: 60_000, gracefulMs: 60_000 },
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    nameOf: (place) => `puppet ${place}`,
    spawn(seat, events) {
      if (behaviour === 'is not started') throw new Error('EAGAIN');
      const puppet = new Puppet(seat, events);
      made.push(puppet);
      if (behaviour === 'comes up') setImmediate(() => events.onReady());
      if (behaviour === 'falls') setImmediate(() => puppet.end(1));
      return puppet;
    },
    ...(fatal && { fatal: (_, end) => fatal(end.why) }),
    record: ({ place }) => ({ said: `I was ${place}` }),
  });
  const now = (next: Behaviour) => {
    behaviour = next;
  };
  return { arbiter, made, now, lines, [Symbol.asyncDispose]: () => arbiter[Symbol.asyncDispose]() };
}

const states = ({ arbiter }: { arbiter: Arbiter<Puppet> }) =>
  arbiter.rows.map(({ worker, state, generation }) => `${worker} ${state} ${generation}`);

/** Those that leave have answered all and end when they are told to. */
async function obliging(made: readonly Puppet[], isOver: () => boolean): Promise<void> {
  await eventually(() => {
    for (const puppet of made) {
      if (puppet.state === 'leaving') puppet.drained.resolve();
      if (puppet.state === 'ending' && puppet.heard.at(-1) === 'SIGTERM') puppet.end(0);
    }
    assert.ok(isOver());
  });
}

describe('an arbiter', () => {
  test('starts as many as are wanted, and is up when all are', async () => {
    await using a = arbiterOf(2);
    await a.arbiter.start();
    assert.deepEqual([states(a), a.arbiter.readiness], [['1 ready 1', '2 ready 1'], true]);
  });

  test('is up when those that are not, are not wanted any more', async () => {
    await using a = arbiterOf(2);
    a.now('waits');
    const started = a.arbiter.start();
    const [first] = a.made;
    first?.events.onReady();
    a.arbiter.resize(-1);
    await started;
    assert.deepEqual([states(a), a.arbiter.readiness], [['1 ready 1'], true]);
  });

  test('reloads one after another, and says when that is done', async () => {
    await using a = arbiterOf(2);
    await a.arbiter.start();
    const reloaded = a.arbiter.reload('test');
    await eventually(() => assert.deepEqual(states(a).slice(0, 3), ['1 leaving 1', '2 leaving 1', '1 ready 2']));
    assert.deepEqual(await reloaded, { verdict: 'reloaded', generation: 2 });
    await obliging(a.made, () => a.arbiter.members.length === 2);
    assert.deepEqual(a.arbiter.ends, { reload: 2 });
  });

  for (const how of ['falls', 'is not started'] as const) {
    test(`gives code up of which each ${how}, and keeps those that serve`, async () => {
      await using a = arbiterOf(2);
      await a.arbiter.start();
      a.now(how);
      const { verdict } = await a.arbiter.reload('test');
      assert.deepEqual([verdict, states(a)], ['refused', ['1 ready 1', '2 ready 1']]);
      assert.equal(a.arbiter.stats.isRefused, true);
    });
  }

  test('answers a reload that another one overtakes, or the end', async () => {
    await using a = arbiterOf(1);
    await a.arbiter.start();
    a.now('waits');
    const [first, second] = [a.arbiter.reload('one'), a.arbiter.reload('two')];
    assert.deepEqual(await first, { verdict: 'refused', why: 'another reload came' });
    const stopped = a.arbiter.stop((puppet) => puppet.end(0), 1000);
    assert.deepEqual(await second, { verdict: 'refused', why: 'this server ends' });
    assert.equal(await stopped, 'clean');
    assert.equal((await a.arbiter.reload('three')).verdict, 'refused');
  });

  test('replaces a tired one when another is ready', async () => {
    await using a = arbiterOf(1);
    await a.arbiter.start();
    a.made[0]?.events.onTired('max-age');
    assert.deepEqual(states(a), ['1 ready 1', '1 starting 1']);
    await obliging(a.made, () => a.arbiter.members.length === 1);
    assert.deepEqual([a.arbiter.ends, a.made.length], [{ 'max-age': 1 }, 2]);
  });

  test('does not wait for one that hangs, and ends it in three steps', async () => {
    await using a = arbiterOf(1);
    await a.arbiter.start();
    a.made[0]?.events.onTired('timeout');
    assert.deepEqual(states(a), ['1 hung 1', '1 starting 1']);
    await eventually(() => assert.deepEqual(a.made[0]?.heard, ['SIGABRT', 'SIGTERM', 'SIGKILL']));
    assert.deepEqual(a.arbiter.ends, { timeout: 1 });
  });

  test('has more or fewer, but never none', async () => {
    await using a = arbiterOf(1);
    await a.arbiter.start();
    assert.deepEqual([a.arbiter.resize(2), a.arbiter.resize(-1), a.arbiter.resize(-9)], [3, 2, 1]);
    await obliging(a.made, () => a.arbiter.members.length === 1);
    assert.deepEqual(states(a), ['1 ready 1']);
  });

  test('says how one ended that nobody told to, and starts another', async () => {
    await using a = arbiterOf(1);
    await a.arbiter.start();
    a.made[0]?.end(3);
    await eventually(() => assert.deepEqual(states(a), ['1 ready 1']));
    const line = a.lines.find(({ msg }) => String(msg).includes('ended'));
    const { worker, workerPid, why, code, signal, said, msg } = line ?? {};
    assert.deepEqual([worker, workerPid, why, code, signal, said], [1, 1001, 'crashed', 3, null, 'I was 1']);
    assert.equal(msg, 'puppet 1 ended by exit code 3; another is started in 0ms');
  });

  test('ends with what is fatal at the start, and starts nobody then', async () => {
    await using a = arbiterOf(2, (why) => new Error(`fatal: ${why}`));
    a.now('falls');
    await assert.rejects(a.arbiter.start(), /fatal: exit code 1/);
    assert.equal(a.made.length, 2);
  });

  test('kills those that do not end in time, and says so', async () => {
    await using a = arbiterOf(2);
    await a.arbiter.start();
    assert.equal(await a.arbiter.stop(() => undefined, 20), 'cut');
    assert.deepEqual(
      a.made.map(({ heard }) => heard.at(-1)),
      ['SIGKILL', 'SIGKILL'],
    );
  });
});
