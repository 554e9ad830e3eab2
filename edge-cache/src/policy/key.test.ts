import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type QueryRules, queryFilter, resourceOf } from './key.ts';

const table: readonly [rules: QueryRules, target: string, path: string][] = [
  [{}, '/a?b=1&a=2&', '/a?b=1&a=2&'],
  [{}, '/a?', '/a?'],
  [{ sort: true }, '/a?b=1&a=2&b=0&&a=1', '/a?a=2&a=1&b=1&b=0'],
  [{ sort: true }, '/a?', '/a'],
  [{ sort: true }, '/a', '/a'],
  [{ remove: ['utm_*', 'gclid'] }, '/a?utm_source=x&b=1&gclid=2&gclid2=3&utm=4', '/a?b=1&gclid2=3&utm=4'],
  [{ remove: ['utm_*'] }, '/a?utm%5Fsource=x', '/a'],
  [{ remove: ['utm_*'] }, '/a?%zz=1', '/a?%zz=1'],
  [{ remove: ['*'] }, '/a?b=1', '/a'],
  [{ remove: ['a.b'] }, '/a?aXb=1&a.b=2', '/a?aXb=1'],
  [{ keep: ['id', 'page'] }, '/a?x=1&page=2&id=3&flag', '/a?page=2&id=3'],
  [{ keep: ['p*'], remove: ['private'], sort: true }, '/a?page=2&private=1&pa=0', '/a?pa=0&page=2'],
  [{ remove: ['b'] }, '/a?b=1?c', '/a'],
];
for (const [rules, target, path] of table) {
  test(`by the rules ${JSON.stringify(rules)}, ${target} is ${path}`, () => {
    assert.equal(resourceOf('h', target, queryFilter(rules)).path, path);
  });
}

for (const [host, canonical] of [
  ['Example.COM', 'example.com'],
  ['example.com:80', 'example.com'],
  ['example.com:443', 'example.com'],
  ['example.com:8080', 'example.com:8080'],
] as const) {
  test(`the host ${host} is ${canonical} in a key`, () => {
    assert.equal(resourceOf(host, '/', undefined).host, canonical);
  });
}
