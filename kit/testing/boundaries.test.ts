import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { breaches, importsOf } from './boundaries.ts';

const root = join(import.meta.dirname, '../..');

test('every file of the repository keeps to the boundaries', () => {
  const paths = globSync('**/*.ts', { cwd: root, exclude: (name) => name === 'node_modules' });
  assert.ok(paths.length > 0);
  const sources = paths.map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }));
  assert.deepEqual(breaches(sources), []);
});

const judged: [path: string, specifier: string, may: boolean][] = [
  ['kit/semantics/etag.ts', './fields.ts', true],
  ['kit/semantics/fault.ts', 'structured-headers', true],
  ['kit/semantics/fault.ts', 'zod', false],
  ['kit/semantics/etag.ts', 'node:fs', false],
  ['kit/semantics/etag.ts', '../process/units.ts', false],
  ['kit/semantics/etag.test.ts', 'node:assert/strict', true],
  ['kit/http1/inbound.ts', '../semantics/fields.ts', true],
  ['kit/http1/inbound.ts', '../upstream/relay.ts', false],
  ['kit/http1/inbound.ts', '../testing/clock.ts', false],
  ['kit/http1/inbound.test.ts', '../testing/clock.ts', true],
  ['kit/files/send.ts', '../semantics/range.ts', true],
  ['kit/files/send.ts', '../http1/inbound.ts', false],
  ['kit/process/tier.ts', 'node:test', false],
  ['edge-cache/src/policy/reuse.ts', '@trivet/kit/semantics/fields.ts', true],
  ['edge-cache/src/policy/reuse.ts', '@trivet/kit/http1/inbound.ts', false],
  ['edge-cache/src/policy/reuse.ts', '../machine/lookup.ts', false],
  ['edge-cache/src/policy/reuse.ts', 'lru-cache', false],
  ['edge-cache/src/store/memory.ts', 'lru-cache', true],
  ['edge-cache/src/store/memory.ts', '../policy/reuse.ts', true],
  ['edge-cache/src/store/memory.ts', '../machine/lookup.ts', false],
  ['edge-cache/src/store/memory.ts', './store-contract.ts', false],
  ['edge-cache/src/store/memory.test.ts', './store-contract.ts', true],
  ['edge-cache/src/machine/lookup.ts', '../policy/reuse.ts', true],
  ['edge-cache/src/machine/lookup.ts', '../../settings.ts', true],
  ['edge-cache/src/machine/lookup.ts', '../../main.ts', false],
  ['edge-cache/main.ts', './src/machine/run.ts', true],
  ['edge-cache/main.ts', '@trivet/static-frontend', false],
  ['edge-cache/main.test.ts', '../static-frontend/main.ts', false],
  ['topology/main.ts', '@trivet/edge-cache', true],
  ['topology/main.ts', '../e2e/suite.ts', false],
  ['e2e/suite.ts', '../topology/shapes.ts', true],
];

for (const [path, specifier, may] of judged) {
  test(`${path} ${may ? 'may' : 'may not'} import ${specifier}`, () => {
    const found = breaches([{ path, text: `import { x } from '${specifier}';\n` }]);
    assert.equal(found.length, may ? 0 : 1, found.join('\n'));
  });
}

const imports = {
  named: `import { a } from './b.ts';`,
  'over several lines': `import {\n  a,\n  type B,\n} from './b.ts';`,
  'of types': `import type { A } from './b.ts';`,
  'for the effect': `import './b.ts';`,
  'passed on': `export { a } from './b.ts';`,
  'at a later time': `  const { a } = await ${'import'}('./b.ts');`,
};

for (const [kind, text] of Object.entries(imports)) {
  test(`an import ${kind} is seen`, () => {
    assert.deepEqual(importsOf('kit/http1/a.ts', text), [{ kind: 'file', name: 'kit/http1/b.ts' }]);
  });
}

const worldly = [
  'Date.now()',
  'new Date()',
  'performance.now()',
  'Math.random()',
  'process.env.X',
  'setTimeout(f)',
  'fetch(url)',
];

for (const expression of worldly) {
  test(`a decision may not say ${expression}`, () => {
    for (const path of ['kit/semantics/date.ts', 'edge-cache/src/policy/reuse.ts']) {
      assert.equal(breaches([{ path, text: `const x = ${expression};` }]).length, 1, path);
    }
    assert.deepEqual(breaches([{ path: 'kit/semantics/date.test.ts', text: `const x = ${expression};` }]), []);
  });
}

test('a decision may compute with instants it is given', () => {
  const text = 'const x = new Date(ms).toUTCString() + Date.UTC(2026, 0, 1) + Date.parse(y);';
  assert.deepEqual(breaches([{ path: 'kit/semantics/date.ts', text }]), []);
});

test('the environment is read where processes start and nowhere else', () => {
  const reading = (path: string) => breaches([{ path, text: 'const { env } = process;\nload(table, process.env);' }]);
  assert.deepEqual(reading('kit/process/tier.ts'), []);
  assert.deepEqual(reading('edge-cache/main.ts'), []);
  assert.deepEqual(reading('edge-cache/src/machine/run.ts'), ['edge-cache/src/machine/run.ts may not use process.env']);
});

test('a folder without a row is a breach', () => {
  assert.deepEqual(breaches([{ path: 'misc/x.ts', text: '' }]), [
    'misc/x.ts is in a folder that has no row in the table of boundaries',
  ]);
});
