import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { eventually } from '../../testing/eventually.ts';
import { Group } from './group.ts';
import { type Member, type MemberEvents, newcomer } from './member.ts';

type Puppet = Member & { readonly events: MemberEvents };

const crash = { code: 1, signal: null, why: 'exit code 1' };
const well = { code: 0, signal: null, why: 'exit code 0' };

function groupOf({ wanted = 2, fatal }: { wanted?: number; fatal?: () => Error } = {}) {
  const heard: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const drained = Promise.withResolvers<void>();
  let isRefused = false;
  const group = new Group<Puppet>(
    {
      wanted,
      limits: { startupMs: 1, gracefulMs: 1 },
      log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
      nameOf: (place) => `puppet ${place}`,
      spawn(seat, events) {
        if (isRefused) throw new Error('EAGAIN');
        const signal = (name: string) => void heard.push(`${seat.id} ${name}`);
        return { ...newcomer(), ...seat, pid: 1000 + seat.id, events, signal, retire: () => drained.promise };
      },
      onChange: () => heard.push('change'),
      ...(fatal && { fatal }),
    },
    {
      onTurn: () => heard.push('turn'),
      onTried: (place) => heard.push(`tried ${place}`),
      onFatal: ({ message }) => heard.push(`fatal ${message}`),
    },
  );
  /** One at this place, up. */
  const up = (place: number): Puppet => {
    group.carryOut({ do: 'start', place, why: 'missing' });
    const made = group.members.at(-1);
    assert.ok(made);
    made.events.onReady();
    heard.length = 0;
    return made;
  };
  const refuse = () => {
    isRefused = true;
  };
  return { group, heard, lines, up, drained, refuse };
}

describe('one that is started', () => {
  test('has a number of its own and the code as it is now, and is tried once it is ready', () => {
    const { group, heard } = groupOf();
    group.carryOut({ do: 'start', place: 2, why: 'missing' });
    group.past.reloaded();
    group.carryOut({ do: 'start', place: 2, why: 'missing' });
    const [first, second] = group.members;
    assert.deepEqual([first?.id, first?.generation, second?.id, second?.generation], [1, 1, 2, 2]);
    assert.deepEqual([first?.state, heard], ['starting', []]);
    first?.events.onReady();
    assert.deepEqual([first?.state, first?.hasServed, heard], ['ready', true, ['tried 2', 'turn']]);
    first?.events.onReady();
    assert.equal(heard.length, 2);
  });

  test('is not ready any more when all are to end', () => {
    const { group, heard } = groupOf();
    group.carryOut({ do: 'start', place: 1, why: 'missing' });
    group.isStopping = true;
    group.members[0]?.events.onReady();
    assert.deepEqual([group.members[0]?.state, heard], ['starting', []]);
  });

  test('and that the system would not start, is a failed boot, and the place is tried', () => {
    const { group, heard, lines, refuse } = groupOf();
    refuse();
    group.carryOut({ do: 'start', place: 1, why: 'missing' });
    assert.deepEqual([group.members, heard, group.view.failedBoots], [[], ['tried 1'], 1]);
    assert.match(String(lines[0]?.msg), /^puppet 1 could not be started; again in \d+ms$/);
  });
});

describe('one that is told to end', () => {
  for (const [action, state, signal] of [
    ['dump', 'hung', 'SIGABRT'],
    ['end', 'ending', 'SIGTERM'],
    ['kill', 'ending', 'SIGKILL'],
  ] as const) {
    test(`by ${action} is ${state}, and hears ${signal}`, () => {
      const { group, heard, up } = groupOf();
      const { id } = up(1);
      group.carryOut({ do: action, id, why: 'timeout' } as Parameters<typeof group.carryOut>[0]);
      assert.deepEqual([group.members[0]?.state, heard], [state, [`1 ${signal}`]]);
    });
  }

  test('and that is gone meanwhile, hears nothing', () => {
    const { group, heard, up } = groupOf();
    up(1).events.onEnd(well);
    heard.length = 0;
    group.carryOut({ do: 'kill', id: 1, why: 'outdated' });
    group.carryOut({ do: 'retire', id: 1, why: 'asked' });
    assert.deepEqual(heard, []);
  });

  test('gently is off the list before it hears of it, and has nothing in flight once it says so', async () => {
    const { group, heard, up, drained } = groupOf();
    const one = up(1);
    group.carryOut({ do: 'retire', id: one.id, why: 'max-age' });
    assert.deepEqual([one.state, one.inFlight, heard], ['leaving', Number.POSITIVE_INFINITY, ['change']]);
    drained.resolve();
    await eventually(() => assert.deepEqual([one.inFlight, heard], [0, ['change', 'turn']]));
    one.events.onEnd(well);
    assert.deepEqual(group.past.restarts.byReason, { 'max-age': 1 });
  });
});

describe('one that is tired', () => {
  test('says so once for each reason, and hanging is the last that is heard', () => {
    const { heard, lines, up } = groupOf();
    const one = up(1);
    lines.length = 0;
    for (const why of ['max-age', 'max-age', 'max-rss', 'timeout', 'max-requests'] as const) one.events.onTired(why);
    assert.deepEqual([one.tired, heard], ['timeout', ['turn', 'turn', 'turn']]);
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [
        [30, 'puppet 1 is to be replaced: max-age'],
        [30, 'puppet 1 is to be replaced: max-rss'],
        [50, 'puppet 1 hangs: timeout'],
      ],
    );
  });

  test('is not heard when all are to end', () => {
    const { group, heard, up } = groupOf();
    const one = up(1);
    group.isStopping = true;
    one.events.onTired('timeout');
    assert.deepEqual([one.tired, heard], [undefined, []]);
  });
});

describe('one that ends', () => {
  test('is gone while its last words are read, and then is no member', () => {
    const { group, heard, up } = groupOf();
    const one = up(1);
    one.events.onGone();
    assert.deepEqual([group.view.members[0]?.state, heard], ['gone', ['change']]);
    one.events.onEnd(crash);
    assert.deepEqual([group.members, heard], [[], ['change', 'tried 1', 'turn']]);
    one.events.onEnd(crash);
    assert.deepEqual(group.past.restarts.byReason, { crashed: 1 });
  });

  test('in the place of another leaves no place to be tried', () => {
    const { heard, up } = groupOf();
    const one = up(1);
    one.events.onDoomed('reload');
    one.events.onEnd(well);
    assert.deepEqual(heard, ['turn']);
  });

  test('is fatal until all were up once, and not after', () => {
    const { group, heard, lines, up } = groupOf({ fatal: () => new Error('no such module') });
    up(1).events.onEnd(crash);
    assert.deepEqual(heard, ['fatal no such module', 'tried 1', 'turn']);
    assert.ok(!lines.some(({ msg }) => String(msg).includes('ended')));
    group.isUp = true;
    up(1).events.onEnd(crash);
    assert.deepEqual(heard, ['tried 1', 'turn']);
    assert.match(String(lines.at(-1)?.msg), /^puppet 1 ended by exit code 1/);
  });

  for (const [end, wasCut] of [
    [well, false],
    [crash, true],
    [{ ...crash, code: null }, true],
  ] as const) {
    test(`with ${end.code} when all are to end: was it cut? ${wasCut}`, () => {
      const { group, heard, up } = groupOf();
      const [first, second] = [up(1), up(2)];
      group.isStopping = true;
      first.events.onGone();
      first.events.onEnd(end);
      second.events.onEnd(well);
      assert.deepEqual([group.wasCut, heard, group.past.restarts.byReason], [wasCut, [], {}]);
    });
  }
});
