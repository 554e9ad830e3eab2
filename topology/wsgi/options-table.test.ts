import assert from 'node:assert/strict';
import { test } from 'node:test';
import { options } from './options.ts';
import { optionsTable } from './options-table.ts';
import { refusals } from './refusals.ts';

const [head, rule, ...lines] = optionsTable().split('\n');

/** Bars that are not escaped part the cells. */
const cells = (line: string): string[] => line.split(/(?<!\\)\|/).slice(1, -1);

test('every row has a cell for each column', () => {
  assert.match(rule ?? '', /^(\|-+){4}\|$/);
  for (const line of [head ?? '', ...lines]) assert.equal(cells(line).length, 4, line);
});

test('options come first, in their order; those of ours are marked, settings are set as code, words are not', () => {
  for (const [at, { names, isOurs }] of options.entries()) {
    assert.equal(cells(lines[at] ?? '')[0]?.trim(), `\`${names}\`${isOurs ? ' (ours)' : ''}`);
  }
  const settingOf = (name: string) =>
    cells(lines[options.findIndex(({ names }) => names.includes(name))] ?? '')[1]?.trim();
  assert.equal(settingOf('--keep-alive'), '`APP_IDLE_TIMEOUT`, `APP_KEEPALIVE_REQUESTS`');
  assert.equal(settingOf('--umask'), 'the umask');
});

test('what is refused for one reason is in one row, and each once', () => {
  const refused = lines.slice(options.length).map(cells);
  assert.equal(refused.length, new Set(refusals.map(({ instead }) => instead)).size);
  assert.deepEqual(
    refused.flatMap(([names = '']) => Array.from(names.matchAll(/`([^`]+)`/g), ([, name]) => name)).sort(),
    refusals.map(({ names }) => names).sort(),
  );
  for (const [, setting] of refused) assert.equal(setting?.trim(), 'refused');
});
