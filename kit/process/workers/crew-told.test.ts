import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Crew, Hand } from './crew.ts';
import { readiness, statsOf } from './crew-told.ts';

/** What a worker answers to everything; undefined: it is not there. */
type Answer = { readonly status?: number; readonly body: unknown } | undefined;

const rows = [
  { worker: 1, pid: 101, state: 'ready', ageSeconds: 5, generation: 2 },
  { worker: 2, pid: 102, state: 'leaving', ageSeconds: 9, generation: 1, tired: 'max-age' },
] as const;

/** A crew of workers that answer like this; `gone`: the numbers of those that another has replaced meanwhile. */
async function crewOf(answers: readonly Answer[], more: Partial<Crew> = {}, gone: readonly number[] = []) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-crew-told-')));
  const asked: string[] = [];
  const hands = answers.map((_, at): Hand => ({ number: at + 1, pid: 101 + at, admin: join(folder.path, `${at}`) }));
  for (const [at, answer] of answers.entries()) {
    if (answer === undefined) continue;
    const server = createServer((request, response) => {
      asked.push(`${at + 1} ${request.url}`);
      response.writeHead(answer.status ?? 200).end(JSON.stringify(answer.body));
    });
    building.defer(() => void server.close());
    await once(server.listen(hands[at]?.admin), 'listening');
  }
  let times = 0;
  const crew = {
    isDraining: false,
    arbiter: { readiness: true, rows, stats: { wanted: 2 } },
    replaced: 3,
    ...more,
    // As they are when one asks for the first time, and from then on.
    get hands() {
      times += 1;
      return times === 1 ? hands : hands.filter(({ number }) => !gone.includes(number));
    },
  } as unknown as Crew;
  const open = building.move();
  return { crew, asked, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const ready = { body: { ready: true } };
const notReady = { status: 503, body: { ready: false, why: 'loading' } };

describe('several workers are ready', () => {
  for (const [what, answers, more, verdict] of [
    ['when each is', [ready, ready], {}, true],
    ['not when one is not, for its reason', [ready, notReady], {}, 'worker 2: loading'],
    ['not when one does not answer', [undefined, ready], {}, 'worker 1 does not answer'],
    ['not when one answers what is no verdict', [ready, { body: 5 }], {}, 'worker 2 does not answer'],
    ['not when one fails', [{ ...ready, status: 500 }], {}, 'worker 1 does not answer'],
    ['not when they drain', [ready], { isDraining: true }, 'draining'],
  ] as const) {
    test(what, async () => {
      await using stand = await crewOf(answers, more);
      assert.equal(await readiness(stand.crew), verdict);
    });
  }

  test('not when the arbiter says so, and none is asked then', async () => {
    const arbiter = { readiness: 'starting' } as unknown as Crew['arbiter'];
    await using stand = await crewOf([ready], { arbiter });
    assert.deepEqual([await readiness(stand.crew), stand.asked], ['starting', []]);
  });

  test('when one that does not answer is gone, and another has its place', async () => {
    await using stand = await crewOf([ready, undefined], {}, [2]);
    assert.equal(await readiness(stand.crew), true);
  });
});

describe('their statistics', () => {
  const told = (pid: number) => ({
    body: {
      ...{ tier: 'app-backend', pid, uptimeSeconds: 7, rssBytes: 10, connections: 2, served: 5 },
      workers: [{ requests: 40, rssBytes: 11 }],
    },
  });

  test('are those of one, with the primary’s own, and a row for each worker', async () => {
    await using stand = await crewOf([told(101), told(102)]);
    const stats = await statsOf(stand.crew, { ownStats: () => ({ served: 1 }) }, false);
    const worker = { uptimeSeconds: 7, rssBytes: 10, connections: 2 };
    assert.partialDeepStrictEqual(stats, {
      ...{ connections: 4, served: 11, replaced: 3 },
      workers: [
        { worker: 1, pid: 101, ...worker },
        { worker: 2, pid: 102, ...worker },
      ],
    });
    const { rssBytes, ...others } = stats as Record<string, unknown>;
    assert.ok(Number(rssBytes) > 20);
    assert.deepEqual(
      ['pid', 'uptimeSeconds', 'tier', 'arbiter'].filter((name) => name in others),
      [],
    );
    assert.deepEqual(stand.asked.toSorted(), ['1 /stats', '2 /stats']);
  });

  test('of those that are supervised tell of all that there are, and nothing of what one cannot say', async () => {
    await using stand = await crewOf([told(101)]);
    const stats = await statsOf(stand.crew, {}, true);
    assert.partialDeepStrictEqual(stats, { arbiter: { wanted: 2 } });
    assert.deepEqual((stats as { workers: unknown }).workers, [
      { worker: 1, pid: 101, state: 'ready', ageSeconds: 5, requests: 40, rssBytes: 11, generation: 2 },
      { ...rows[1], requests: null, rssBytes: null },
    ]);
  });

  test('of one that says nothing that can be read is its number', async () => {
    await using stand = await crewOf([{ body: 'x' }]);
    assert.partialDeepStrictEqual(await statsOf(stand.crew, {}, false), { workers: [{ worker: 1 }] });
  });
});
