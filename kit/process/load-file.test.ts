import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadUserFile, StartProblem } from './load-file.ts';

// Not below the repository: there is no node_modules above it.
const folder = await mkdtemp(join(tmpdir(), 'trivet-'));
after(() => rm(folder, { recursive: true }));
let count = 0;

/** A folder of its own with these files in it: what was imported once is not read again. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  count += 1;
  const path = join(folder, String(count));
  await mkdir(path);
  for (const [name, source] of Object.entries(files)) await writeFile(join(path, name), source);
  return path;
}

describe('a file of the user', () => {
  test('gives the export that is asked for, and the others beside it', async () => {
    const base = await folderWith({ 'app.ts': 'export const application: number = 1;\nexport default "x";\n' });
    const { value, module } = await loadUserFile('app.ts', 'application', 'APP_APPLICATION', base);
    assert.equal(value, 1);
    assert.deepEqual(Object.keys(module).toSorted(), ['application', 'default']);
  });

  test('may have an absolute path, with spaces and signs in it', async () => {
    const base = await folderWith({ 'my #1 site?.ts': 'export default 1;' });
    const { value } = await loadUserFile(join(base, 'my #1 site?.ts'), 'default', 'FRONT_SITE', '/nowhere');
    assert.equal(value, 1);
  });

  test('may import the kit wherever it lies itself', async () => {
    const base = await folderWith({
      'site.ts': `import { word } from './part.ts';\nexport default word;\n`,
      'part.ts': `import { Fault } from '@trivet/kit/semantics/fault.ts';\nexport const word: string = Fault.name;\n`,
    });
    assert.equal((await loadUserFile('site.ts', 'default', 'FRONT_SITE', base)).value, 'Fault');
  });
});

const broken: readonly [what: string, files: Readonly<Record<string, string>>, complaint: RegExp][] = [
  ['is missing', {}, /^FRONT_SITE: there is no file \S+\/site\.ts$/],
  ['is malformed', { 'site.ts': '\nexport default {\n  a: ],\n};' }, /\/site\.ts:3 does not load: SyntaxError: \S/],
  ['is TypeScript that cannot be stripped', { 'site.ts': '\nenum A { B }\nexport default A;' }, /\/site\.ts:2 .*enum/],
  ['throws', { 'site.ts': '\n\nthrow new TypeError("no good");' }, /\/site\.ts:3 does not load: TypeError: no good$/],
  ['throws text', { 'site.ts': 'throw "no good";' }, /\/site\.ts does not load: no good$/],
  [
    'throws from deep inside',
    {
      'site.ts': 'import { f } from "./part.ts";\nf();',
      'part.ts': 'export const f = () => { throw new Error("x"); };',
    },
    /\/site\.ts:2 does not load: Error: x$/,
  ],
  [
    'imports what is malformed',
    { 'site.ts': 'import "./part.ts";\nexport default 1;', 'part.ts': '\nconst x = = 1;' },
    /\/site\.ts does not load: SyntaxError: .* \(\S+\/part\.ts:2\)$/,
  ],
  [
    'imports what throws',
    { 'site.ts': 'import "./part.ts";\nexport default 1;', 'part.ts': '\nthrow new Error("x");' },
    /\/site\.ts does not load: Error: x \(\S+\/part\.ts:2\)$/,
  ],
  [
    'imports what is not there',
    { 'site.ts': 'import "./part.ts";' },
    /\/site\.ts does not load: Error: Cannot find module '\S+\/part\.ts' imported from \S+\/site\.ts$/,
  ],
  [
    'imports what is not exported',
    { 'site.ts': '\nimport { y } from "./part.ts";\nexport default y;', 'part.ts': 'export const x = 1;' },
    /\/site\.ts:2 does not load: .* 'y'/,
  ],
  [
    'exports something else',
    { 'site.ts': 'export const site = 1;\nexport const more = 2;' },
    /\/site\.ts has no export "default" \(it exports more, site\)$/,
  ],
  ['exports nothing', { 'site.ts': 'export {};' }, /has no export "default" \(it exports nothing\)$/],
];

for (const [what, files, complaint] of broken) {
  test(`a file that ${what} is a problem of the start, in one line that says where`, async () => {
    const base = await folderWith(files);
    await assert.rejects(loadUserFile('site.ts', 'default', 'FRONT_SITE', base), (error) => {
      assert.ok(error instanceof StartProblem);
      assert.match(error.message, complaint);
      assert.match(error.message, /^FRONT_SITE: [^\n]+$/);
      return true;
    });
  });
}

test('a folder is no file', async () => {
  const base = await folderWith({});
  await assert.rejects(loadUserFile('.', 'default', 'FRONT_SITE', base), {
    name: 'StartProblem',
    message: `FRONT_SITE: ${base} is not a file`,
  });
});

test('the cause of a file that does not load is kept', async () => {
  const base = await folderWith({ 'site.ts': 'throw new TypeError("no good");' });
  await assert.rejects(
    loadUserFile('site.ts', 'default', 'FRONT_SITE', base),
    (error: Error) => error.cause instanceof TypeError,
  );
});
