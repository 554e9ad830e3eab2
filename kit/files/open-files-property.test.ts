import assert from 'node:assert/strict';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../testing/clock.ts';
import { fileTree, textOf, writeAt } from '../testing/file-tree.ts';
import { OpenFiles } from './open-files.ts';
import { type Opens, Root } from './root.ts';

const names = ['d/a.txt', 'd/b.txt', 'e.txt'] as const;
type Name = (typeof names)[number];

type Step =
  | { readonly do: 'ask'; readonly name: Name; readonly times: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'write' | 'replace' | 'delete'; readonly name: Name }
  | { readonly do: 'exchange' | 'sweep' };

const name = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ask' as const), name, times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 499, 500, 999) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('write', 'replace', 'delete'), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('exchange', 'sweep') }) },
);

const time = new Date('2026-01-02T03:04:05Z');

async function textIn(files: Opens, relative: string): Promise<string> {
  const opened = await files.open(relative);
  if (opened.is !== 'file') return opened.is;
  try {
    return await textOf(opened);
  } finally {
    await opened.handle.close();
  }
}

/** What the disk says now. */
async function truth(path: string, relative: string): Promise<string> {
  return await textIn(await Root.open(path, 'FRONT_ROOT'), relative);
}

/** Changes the disk; `n` makes every content one of its own, of a length of its own. */
async function change(path: string, made: Exclude<Step, { do: 'ask' | 'wait' }>, n: number): Promise<void> {
  const content = '.'.repeat(n + 1);
  switch (made.do) {
    case 'sweep':
      return;
    case 'exchange':
      await mkdir(join(path, 'next'));
      await writeAt(join(path, 'next/a.txt'), content, time);
      await rename(join(path, 'd'), join(path, `old${n}`));
      return await rename(join(path, 'next'), join(path, 'd'));
    case 'delete':
      return await rm(join(path, made.name), { force: true });
    case 'write':
      return await writeAt(join(path, made.name), content, time);
    case 'replace':
      await writeAt(join(path, 'draft'), content, time);
      return await rename(join(path, 'draft'), join(path, made.name));
  }
}

type Past = { readonly until: number; readonly texts: ReadonlyMap<string, string> };

async function play(path: string, steps: readonly Step[]): Promise<number> {
  const clock = new ManualClock(0);
  const root = await Root.open(path, 'FRONT_ROOT', clock.read);
  using files = new OpenFiles({ root, most: 2, leastBytes: 0, clock: clock.read });
  let past: readonly Past[] = [];
  for (const [n, each] of steps.entries()) {
    if (each.do === 'wait') clock.advance(each.ms);
    else if (each.do === 'ask') await ask(files, path, each, lately(past, clock.now));
    else {
      past = [...lately(past, clock.now), await remember(path, clock.now)];
      await change(path, each, n);
      if (each.do === 'sweep') files.sweep();
    }
  }
  return files.stats().answers;
}

function lately(past: readonly Past[], now: number): readonly Past[] {
  return past.filter(({ until }) => now - until < 1000);
}

async function remember(path: string, until: number): Promise<Past> {
  const texts = await Promise.all(names.map(async (one) => [one, await truth(path, one)] as const));
  return { until, texts: new Map(texts) };
}

async function ask(files: Opens, path: string, asked: Extract<Step, { do: 'ask' }>, past: readonly Past[]) {
  for (let i = 0; i < asked.times; i++) {
    const [text, now] = [await textIn(files, asked.name), await truth(path, asked.name)];
    const wasSo = text === now || past.some(({ texts }) => texts.get(asked.name) === text);
    assert.ok(wasSo, `${asked.name} was not ${text.length} long within a second, it is ${now.length}`);
  }
}

test('whatever happens to the files, what is kept open is as the disk has it, or had it within the last second', async (t) => {
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using tree = await fileTree({ 'd/a.txt': 'first a', 'd/b.txt': 'first b', 'e.txt': 'first e' });
      answers += await play(tree.path, steps);
    }),
    { numRuns: 50 },
  );
  t.diagnostic(`${answers} answers from open files`);
  assert.ok(answers > 50, `only ${answers} answers came from open files`);
});
