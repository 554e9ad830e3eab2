import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frontTables } from '../../../front-rows.ts';
import type { Difference, Row } from './row.ts';
import { allRows, rowsPage, shownBy } from './rows-page.ts';
import { tables } from './tables/all-tables.ts';

const repository = join(import.meta.dirname, '../../../..');
const rows = tables.flatMap((table) => table.rows);

test('there are 72 features, 21 kinds of paths, 19 of malformed requests, 16 details, 29 complaints', () => {
  assert.deepEqual(
    Object.values(frontTables).map((table) => table.rows.length),
    [72, 21, 19, 16, 29],
  );
});

test('every row is shown by a test, or it is said why it is not', () => {
  const shown = shownBy();
  const bare = allRows().filter(({ name, row }) => (row.none === undefined) !== shown.has(name));
  assert.deepEqual(bare, []);
});

test('no test shows a row that is none', () => {
  const names = new Set(allRows().map(({ name }) => name));
  assert.deepEqual(
    [...shownBy().keys()].filter((name) => !names.has(name)),
    [],
  );
});

test('every row of paths and of malformed requests is asked of all three servers', () => {
  const asked = new Set(rows.map(({ of }) => of));
  const missing = allRows().filter(({ name }) => /^A\.[23]/.test(name) && !asked.has(name));
  assert.deepEqual(missing, []);
});

test('every feature of serving files is asked of all three servers', () => {
  const asked = new Set(rows.map(({ of }) => of));
  // Of the others, 15 and 16 are how it is done, 20 is the app's, 25 to 31 are paths.
  const served = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 21, 22, 23, 24, 31, 32];
  assert.deepEqual(
    served.filter((number) => !asked.has(`A.1 #${number}`)),
    [],
  );
});

test('every test that is named is there', () => {
  const named = allRows().flatMap(({ row }) => row.tests ?? []);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(repository, path))),
    [],
  );
});

test('no two rows ask the same under the same name', () => {
  const names = rows.map(({ of, what, bytes }) => `${of} ${what} ${bytes}`);
  assert.equal(new Set(names).size, names.length);
});

test('where a peer is said to do otherwise, what it does is said, and is something else', () => {
  const same = rows.filter((row) => [row.nginx, row.apache].some((peer) => peer !== undefined && isAsOurs(row, peer)));
  assert.deepEqual(
    same.map(({ of, what }) => `${of} ${what}`),
    [],
  );
});

function isAsOurs({ ours }: Row, peer: NonNullable<Row['nginx']>): boolean {
  if ('notAsked' in peer) return false;
  const saysMore = (said: Difference) => said.fields !== undefined || said.body !== undefined;
  const isStatus = JSON.stringify(peer.status ?? ours.status) === JSON.stringify(ours.status);
  return isStatus && !saysMore(peer) && ours.fields === undefined && ours.body === undefined;
}

test('docs/front-rows.md is as the rows and the tests are (npm run docs)', () => {
  assert.equal(readFileSync(join(repository, 'docs/front-rows.md'), 'utf8'), rowsPage());
});
