import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerOf } from './src/testing/recording.ts';
import type { Application } from './src/wsgi.ts';

const here = import.meta.dirname;
const readme = readFileSync(join(here, 'README.md'), 'utf8');

test('every file that the README names is there', () => {
  const named = [...readme.matchAll(/`((?:src\/)?[\w/-]+\.ts)`/g)].map(([, path = '']) => path);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((path) => ![here, join(here, '..')].some((folder) => existsSync(join(folder, path)))),
    [],
  );
});

/** Each whole program of the README, by what it shows, with the path that is asked of it and what it says. */
const shown: readonly [what: RegExp, path: string, says: RegExp][] = [
  [/function\* \(environ/, '/x', /^Hello from \/x\n$/],
  [/staticFiles\(/, '/static/a.txt', /^a file$/],
  [/staticFiles\(/, '/other', /^no file\n$/],
  [/openFile\(/, '/', /import \{ type Application, openFile \}/],
  [/nodeHandlerToWsgi\(/, '/shop/', /^Hello from Express$/],
  [/nodeHandlerToWsgi\(/, '/api/x', /^\{"asked":"\/api\/x"\}$/],
  [/toNodeListener\(/, '/x', /^Hello from \/x\n$/],
];

const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program = '']) => program);

for (const [what, path, says] of shown) {
  test(`the program of the README with ${what.source} says ${says.source} at ${path}`, async () => {
    const program = programs.find((each) => what.test(each)) ?? '';
    await using folder = await mkdtempDisposable(join(import.meta.dirname, '.readme-'));
    await mkdir(join(folder.path, 'public'));
    await writeFile(join(folder.path, 'public/a.txt'), 'a file');
    await writeFile(join(folder.path, 'app.ts'), program);
    const module = (await import(join(folder.path, 'app.ts'))) as { application: Application };
    const { fileWrapper } = await import('@trivet/app-backend');
    const environ = { PATH_INFO: path, RAW_URI: path, 'wsgi.file_wrapper': fileWrapper };
    assert.match((await answerOf(module.application, environ)).text, says);
  });
}
