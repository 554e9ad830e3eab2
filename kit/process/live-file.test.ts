import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { liveFileStand as bench, text } from '../testing/live-file-stand.ts';

describe('a file of the user that changes', () => {
  test('is loaded anew, with what it imports', async () => {
    await using b = await bench({
      'site.ts': `import { part } from './part.ts';\nimport old from './old.cjs';\nimport data from './data.json' with { type: 'json' };\nexport default part + old.part + data.part;\n`,
      'part.ts': `export { part } from './deep.ts';`,
      'deep.ts': `export const part: string = 'a';`,
      'old.cjs': `exports.part = 'b';`,
      'data.json': '{"part":"c"}',
    });
    const file = await b.open();
    assert.equal(file.value, 'abc');
    assert.deepEqual(file.paths.map((path) => path.slice(b.path.length + 1)).toSorted(), [
      'data.json',
      'deep.ts',
      'old.cjs',
      'part.ts',
      'site.ts',
    ]);
    await b.write({ 'deep.ts': `export const part = 'A';`, 'old.cjs': `exports.part = 'B';` });
    assert.deepEqual(await file.reload(), { verdict: 'reloaded', version: 2 });
    assert.equal(file.value, 'ABc');
    await b.write({ 'data.json': '{"part":"C"}' });
    await file.reload();
    assert.equal(file.value, 'ABC');
  });

  test('does not bring a second copy of the kit with it', async () => {
    const source = `import { Fault } from '@trivet/kit/semantics/fault.ts';\nexport default String(globalThis.seen === (globalThis.seen = Fault));\n`;
    await using b = await bench({ 'site.ts': source });
    const file = await b.open();
    await file.reload();
    assert.equal(file.value, 'true');
  });

  test('goes to whoever follows it before it is in force, and is refused when that fails', async () => {
    await using b = await bench({ 'site.ts': text('a') });
    const file = await b.open();
    const adopted: string[] = [];
    file.follow((value) => {
      if (value === 'bad') throw new Error('not this one');
      adopted.push(`${value} over ${file.value}`);
    });
    await b.write({ 'site.ts': text('b') });
    await file.reload();
    await b.write({ 'site.ts': text('bad') });
    assert.deepEqual(await file.reload(), { verdict: 'refused', version: 2, why: 'not this one' });
    assert.deepEqual([adopted, file.value], [['b over a'], 'b']);
  });

  for (const [what, broken, said] of [
    ['does not parse', { 'site.ts': '\nexport default {' }, /^FRONT_SITE: \S+\/site\.ts:\d does not load: SyntaxError/],
    ['cannot be stripped', { 'site.ts': 'enum A { B }' }, /^FRONT_SITE: \S+\/site\.ts:1 does not load: .*enum/],
    ['throws', { 'site.ts': '\nthrow new Error("boom");' }, /^FRONT_SITE: \S+\/site\.ts:2 does not load: Error: boom$/],
    ['imports what is not there', { 'site.ts': `import './gone.ts';` }, /Cannot find module '\S+\/gone\.ts' imported/],
    [
      'imports what is broken',
      { 'site.ts': `import './part.ts';`, 'part.ts': '\n\nlet 1;' },
      /site\.ts does not load: SyntaxError: .*\(\S+\/part\.ts:3\)$/,
    ],
    ['exports nothing', { 'site.ts': 'export {};' }, /site\.ts has no export "default" \(it exports nothing\)$/],
    ['is not what it should be', { 'site.ts': 'export default 5;' }, /^FRONT_SITE: number is no text$/],
  ] as const) {
    test(`and then ${what} leaves the old one in force, says why, and may be mended`, async () => {
      await using b = await bench({ 'site.ts': text('a') });
      const file = await b.open();
      await b.write(broken);
      const refused = await file.reload();
      assert.ok(refused.verdict === 'refused');
      assert.match(refused.why, said);
      assert.doesNotMatch(refused.why, /trivet-version/);
      assert.deepEqual([file.value, file.version], ['a', 1]);
      assert.match(b.lines[0]?.msg ?? '', /; version 1 stays in force$/);
      assert.partialDeepStrictEqual(file.state(), { version: 1, lastError: { error: refused.why } });
      await b.write({ 'site.ts': text('b') });
      assert.deepEqual(await file.reload(), { verdict: 'reloaded', version: 2 });
      assert.equal(file.value, 'b');
      assert.partialDeepStrictEqual(file.state(), { version: 2, lastError: null });
      assert.deepEqual(
        b.lines.map(({ level }) => level),
        [50, 30],
      );
    });
  }

  test('and then waits for ever is given up, and does not hold up the next one', async () => {
    await using b = await bench({ 'site.ts': text('a') });
    const file = await b.open({ loadMs: 100 });
    await b.write({ 'site.ts': 'await new Promise(() => undefined);\nexport default "b";' });
    const refused = await file.reload();
    assert.ok(refused.verdict === 'refused');
    assert.match(refused.why, /^FRONT_SITE: \S+\/site\.ts is not loaded after 100ms; does it wait for something\?$/);
    assert.deepEqual([file.value, file.failures], ['a', 1]);
    await b.write({ 'site.ts': text('c') });
    await file.reload();
    assert.equal(file.value, 'c');
  });

  test('and is refused counts as read, with all that was written beside it: it is not tried again by itself', async () => {
    for (const broken of ['export default [;', 'await new Promise(() => undefined);', 'export default 5;']) {
      await using b = await bench({
        'site.ts': `import { part } from './part.ts';\nexport default part;`,
        'part.ts': `export const part = 'a';`,
      });
      const file = await b.open({ loadMs: 50 });
      assert.equal(file.isOutdated(), false);
      await b.write({ 'site.ts': broken, 'part.ts': `export const part = 'b';` });
      assert.equal(file.isOutdated(), true);
      assert.equal((await file.reload()).verdict, 'refused');
      assert.equal(file.isOutdated(), false);
      await b.write({ 'part.ts': `export const part = 'c';` });
      assert.equal(file.isOutdated(), true);
    }
  });

  test('many times in a row is loaded one at a time, and what was written last wins', async () => {
    await using b = await bench({ 'site.ts': text('0') });
    const file = await b.open();
    const asked: Promise<unknown>[] = [];
    for (let i = 1; i <= 20; i++) {
      await b.write({ 'site.ts': text(String(i)) });
      asked.push(file.reload());
    }
    await Promise.all(asked);
    assert.equal(file.value, '20');
    assert.ok(file.version <= 21);
  });

  test('asked for twice at once is loaded once more, not twice', async () => {
    await using b = await bench({ 'site.ts': text('a') });
    const file = await b.open();
    const all = await Promise.all([file.reload(), file.reload(), file.reload()]);
    assert.deepEqual(new Set(all.map(({ version }) => version)), new Set([2]));
  });
});
