import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree, writeAt } from '@trivet/kit/testing/file-tree.ts';
import fc from 'fast-check';
import type { Site } from './define-site.ts';
import { type Asked, type TwoLanes, twoLanes } from './testing/two-lanes.ts';

const site: Site = {
  routes: [
    { path: '/x/', files: 'sub', otherwise: { file: 'a.html' }, headers: { 'x-route': 'x', vary: 'Cookie' } },
    { path: '/sub/x', files: '.', try: ['{path}.txt', '{path}', '{path}/a.html', 'b.txt'], listing: true },
    { path: '/', files: '.', index: ['a.html', 'b.txt'] },
  ],
};
const names = ['a.html', 'b.txt', 'b.txt.br', 'b.txt.gz', 'sub/x/b.txt', 'sub/x/a.html', 'sub/a.html'];
const targets = [
  '/',
  '/a.html',
  '/b.txt?q',
  '/b%2Etxt',
  '/x/b.txt',
  '/x/y',
  '/sub/',
  '/sub/x/',
  '/sub/x',
  '/x/%2Fb.txt',
];
const fields = [
  [],
  ['Accept-Encoding', 'gzip, br'],
  ['Accept-Encoding', 'gzip;q=1, br;q=0.3', 'If-Modified-Since', 'Sat, 03 Jan 2026 00:00:00 GMT'],
  ['accept-encoding', 'br', 'if-none-match', '*'],
  ['If-Unmodified-Since', 'Sat, 03 Jan 2026 00:00:00 GMT'],
];
// Before, between and behind the dates above; the last is yet to come.
const times = [new Date('2026-01-02T03:04:05Z'), new Date('2026-01-04T00:00:00.5Z'), new Date(Date.now() + 3_600_000)];

type Step =
  | { readonly do: 'ask'; readonly which: number; readonly times: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'write' | 'replace'; readonly name: string; readonly time: Date }
  | { readonly do: 'delete'; readonly name: string };

const asked = fc.record({
  target: fc.constantFrom(...targets),
  fields: fc.constantFrom(...fields),
  method: fc.constantFrom('GET' as const, 'HEAD' as const),
});
const name = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('ask' as const), which: fc.nat(2), times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 499, 500, 999) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('write', 'replace'), name, time: fc.constantFrom(...times) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
);

/** What a front without any memory says of the disk as it is. */
async function truth(root: string, request: Asked, wallNow: number): Promise<string> {
  const lanes = await twoLanes({ root, site });
  lanes.wall.now = wallNow;
  return (await lanes.slow(request)).text;
}

async function change(
  root: string,
  { do: what, name: file, ...how }: Exclude<Step, { do: 'ask' | 'wait' }>,
  n: number,
) {
  const path = join(root, file);
  if (what === 'delete' || !('time' in how)) return await rm(path, { force: true });
  // Each of a length of its own: two changes within one tick of the file system's clock are two.
  const content = '.'.repeat(n + 1);
  if (what === 'write') return await writeAt(path, content, how.time);
  await writeAt(`${path}.new`, content, how.time);
  await rename(`${path}.new`, path);
}

/** What was true until some moment, by request. */
type Past = { readonly until: number; readonly texts: ReadonlyMap<string, string> };
type Play = { readonly lanes: TwoLanes; readonly root: string; readonly requests: readonly Asked[]; past: Past[] };

async function ask({ lanes, root, past }: Play, request: Asked | undefined): Promise<boolean> {
  assert.ok(request);
  const fast = lanes.fast(request);
  const now = await truth(root, request, lanes.wall.now);
  if (fast !== undefined && fast.text !== now) {
    const key = JSON.stringify(request);
    const lately = past.filter(({ until }) => lanes.clock.now - until < 1000);
    const wasSo = lately.some(({ texts }) => texts.get(key) === fast.text);
    assert.ok(wasSo, `${key} was not so within a second:\n${fast.text}\nit is\n${now}`);
  }
  await lanes.slow(request);
  await lanes.hotFiles.idle();
  return fast !== undefined;
}

async function truths({ lanes, root, requests }: Play): Promise<Past> {
  const texts = new Map<string, string>();
  for (const request of requests) texts.set(JSON.stringify(request), await truth(root, request, lanes.wall.now));
  return { until: lanes.clock.now, texts };
}

/** Plays the steps; how many answers of the fast lane were compared. */
async function playAll(play: Play, steps: readonly Step[]): Promise<number> {
  const { lanes, root } = play;
  let compared = 0;
  for (const [n, step] of steps.entries()) {
    switch (step.do) {
      case 'wait':
        lanes.clock.advance(step.ms);
        lanes.wall.advance(step.ms);
        break;
      case 'ask':
        for (let i = 0; i < step.times; i++) compared += Number(await ask(play, play.requests[step.which]));
        break;
      case 'write':
      case 'replace':
      case 'delete':
        play.past.push(await truths(play));
        await change(root, step, n);
    }
  }
  return compared;
}

test('whatever happens to the files, a fast answer is what the slow lane says, or said within the last second', async (t) => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(asked, asked, asked),
      fc.array(step, { minLength: 10, maxLength: 40 }),
      async (requests, steps) => {
        await using tree = await fileTree({ 'a.html': 'a', 'b.txt': 'b', 'sub/x/b.txt': 'xb' });
        const lanes = await twoLanes({ root: tree.path, site, maxBytes: 10_000 });
        compared += await playAll({ lanes, root: tree.path, requests, past: [] }, steps);
      },
    ),
    { numRuns: 40 },
  );
  t.diagnostic(`${compared} answers compared`);
  assert.ok(compared > 200, `only ${compared} answers of the fast lane were compared`);
});
