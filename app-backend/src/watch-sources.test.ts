import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { watchSources } from './watch-sources.ts';

async function stand() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-sources-'));
  const path = (name: string) => join(folder.path, name);
  await mkdir(path('lib/node_modules'), { recursive: true });
  await writeFile(path('app.ts'), '1');
  await writeFile(path('lib/old.py'), '1');
  const changed: string[] = [];
  const watching = watchSources({
    ...{ folder: folder.path, files: [path('page.html')], pollMs: 20 },
    onChange: (name) => changed.push(name.slice(folder.path.length + 1)),
    onFailure: (error) => changed.push(String(error)),
  });
  await watching.ready;
  return {
    path,
    changed,
    async [Symbol.asyncDispose]() {
      await watching[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

for (const [what, name, change] of [
  ['a source that is written', 'app.ts', (path: string) => writeFile(path, '22')],
  ['a source that is new', 'lib/new.js', (path: string) => writeFile(path, '1')],
  ['a source that is removed', 'lib/old.py', (path: string) => rm(path)],
  ['another file that is named', 'page.html', (path: string) => writeFile(path, '1')],
] as const) {
  test(`it notices ${what}, once`, async () => {
    await using s = await stand();
    await change(s.path(name));
    await eventually(() => assert.deepEqual(s.changed, [name]));
  });
}

test('it does not look at what belongs to others, or is no source', async () => {
  await using s = await stand();
  await writeFile(s.path('lib/node_modules/x.js'), '1');
  await writeFile(s.path('.hidden.ts'), '1');
  await writeFile(s.path('data.bin'), '1');
  await writeFile(s.path('last.ts'), '1');
  await eventually(() => assert.deepEqual(s.changed, ['last.ts']));
});

test('a folder that is not there is told', async () => {
  const failures: unknown[] = [];
  await using _ = watchSources({
    ...{ folder: '/nonexistent-sources', files: [], pollMs: 5, onChange: () => undefined },
    onFailure: (error) => failures.push(error),
  });
  await eventually(() => assert.equal(failures.length, 1));
});
