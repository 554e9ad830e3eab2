import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStat } from './cpu-time.ts';

const rest = '0 -1 4194304 1523 20 0 0 7 5 30 2 20 0 1 0 12345 110592000 2048 18446744073709551615 1 1 0';

for (const [name, line] of [
  ['plain', `4711 (node) S 42 4711 4711 ${rest}`],
  ['with blanks and parentheses', `4711 (a ) S 1 (b) R 42 4711 4711 ${rest}`],
  ['that looks like the fields', `4711 () S 9 9 9 9) R 42 4711 4711 ${rest}`],
] as const) {
  test(`the CPU time of a process with a name ${name} is its own and its ended children's`, () => {
    assert.deepEqual(parseStat(line), { pid: 4711, parent: 42, ticks: 7 + 5 + 30 + 2 });
  });
}

for (const line of ['', '4711 (node)', '4711 (node) S 42', `4711 (node) S 42 4711 4711 0 0 -1 4 1 2 0 0 7 5`]) {
  test(`${JSON.stringify(line)} is no process`, () => {
    assert.equal(parseStat(line), undefined);
  });
}
