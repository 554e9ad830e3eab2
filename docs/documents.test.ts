import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { documents, withTables } from './settings-tables.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

const skipped = new Set(['node_modules', '.git']);

function markdownFiles(folder = ''): string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** What looks like a path of this repository: `kit/http1/listener.ts`, [text](docs/decisions/0001-x.md). */
function pathsIn(path: string): string[] {
  const text = read(path);
  const here = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*\.(?:ts|md|yml|json|sh|html|py))`/g)].map(
    ([, name = '']) => name,
  );
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
  const exists = (name: string) => [name, join(here, name)].some((place) => existsSync(join(repository, place)));
  return [...named, ...linked].filter((name) => !exists(name));
}

describe('the documents', () => {
  for (const path of markdownFiles()) {
    test(`${path} names only files that exist`, () => assert.deepEqual(pathsIn(path), []));
  }

  for (const path of documents) {
    test(`${path} has the settings as the code has them (npm run docs)`, () => {
      assert.equal(withTables(read(path)), read(path));
    });
  }

  test('every npm script that a document names exists', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const builtIn = new Set(['test', 'start', 'ci', 'install']);
    for (const path of markdownFiles()) {
      for (const [, name = ''] of read(path).matchAll(/\bnpm run ([\w:-]+)/g)) {
        assert.ok(name in scripts || builtIn.has(name), `${path}: npm run ${name}`);
      }
    }
  });

  test('each decision record has its number once', () => {
    const records = readdirSync(join(repository, 'docs/decisions'));
    const numbers = records.map((name) => name.slice(0, 4));
    assert.equal(new Set(numbers).size, numbers.length);
    for (const name of records) assert.match(name, /^\d{4}-[\w-]+\.md$/);
  });
});
