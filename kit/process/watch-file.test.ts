import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { liveFileStand as bench, type Files, text } from '../testing/live-file-stand.ts';
import { watchFile } from './watch-file.ts';

describe('a file that is watched', () => {
  async function watched(files: Files) {
    await using building = new AsyncDisposableStack();
    const b = building.use(await bench(files));
    const file = await b.open();
    building.use(watchFile(file, { log: b.log, pollMs: 20, settleMs: 5 }));
    const becomes = (value: string) => eventually(() => assert.equal(file.value, value));
    const moved = building.move();
    return { ...b, file, becomes, [Symbol.asyncDispose]: () => moved.disposeAsync() };
  }

  test('is reloaded when it is written, replaced, removed and put back', async () => {
    await using b = await watched({ 'site.ts': text('a') });
    await b.write({ 'site.ts': text('b') });
    await b.becomes('b');
    await b.write({ 'site.ts.tmp': text('c') });
    await rename(join(b.path, 'site.ts.tmp'), join(b.path, 'site.ts'));
    await b.becomes('c');
    await rm(join(b.path, 'site.ts'));
    await eventually(() => assert.match(b.lines.at(-1)?.msg ?? '', /there is no file .*version 3 stays in force/));
    await b.write({ 'site.ts': text('d') });
    await b.becomes('d');
  });

  test('is reloaded when what it imports is written, or mended, or comes to be', async () => {
    await using b = await watched({
      'site.ts': `import { part } from './part.ts';\nexport default part;\n`,
      'part.ts': `export const part = 'a';`,
    });
    await b.write({ 'part.ts': `export const part = 'b';` });
    await b.becomes('b');
    await b.write({ 'part.ts': `export const part = ;` });
    await eventually(() => assert.match(b.lines.at(-1)?.msg ?? '', /part\.ts:1/));
    await b.write({ 'part.ts': `export const part = 'c';` });
    await b.becomes('c');
    await b.write({ 'site.ts': `export { part as default } from './later.ts';` });
    await eventually(() => assert.match(b.lines.at(-1)?.msg ?? '', /Cannot find module/));
    await b.write({ 'later.ts': `export const part = 'd';` });
    await b.becomes('d');
  });

  test('is reloaded when a symbolic link on the way to it is turned', async () => {
    await using b = await bench({});
    for (const name of ['one', 'two']) {
      await mkdir(join(b.path, name));
      await b.write({
        [`${name}/site.ts`]: `export { part as default } from './part.ts';`,
        [`${name}/part.ts`]: `export const part = '${name}';`,
      });
    }
    await symlink('one', join(b.path, 'now'));
    await symlink('now/site.ts', join(b.path, 'site.ts'));
    const file = await b.open();
    using _ = watchFile(file, { log: b.log, pollMs: 20, settleMs: 5 });
    assert.equal(file.value, 'one');
    await symlink('two', join(b.path, 'next'));
    await rename(join(b.path, 'next'), join(b.path, 'now'));
    await eventually(() => assert.equal(file.value, 'two'));
  });

  test('is not reloaded when it is written again as it was', async () => {
    await using b = await watched({ 'site.ts': text('a') });
    await b.write({ 'site.ts': text('a') });
    assert.equal(b.file.isOutdated(), false);
    await b.write({ 'site.ts': text('b') });
    await b.becomes('b');
    assert.equal(b.file.version, 2);
  });
});
