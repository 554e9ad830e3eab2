import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { chartOf, page } from './page.ts';
import { report } from './report.ts';
import { malformed } from './testing/xml.ts';
import { inRepository } from './tiers.ts';

test('the chart of a page has its name and lies beside it', () => {
  assert.deepEqual(chartOf('docs/performance.md'), { path: 'docs/performance.svg', name: 'performance.svg' });
  assert.deepEqual(chartOf('figures'), { path: 'figures.svg', name: 'figures.svg' });
});

const path = 'docs/performance.md';
const written = readFileSync(inRepository(path), 'utf8');
const headers = (text: string): string[] =>
  text.split('\n').filter((line, n, lines) => line.startsWith('|') && !lines[n - 1]?.startsWith('|'));

test('the page of the last run has the shape that this bench writes', () => {
  const plan = { requests: 1, rounds: 1, connections: 1, warmUp: 1 };
  const machine = { cores: 1, model: '', system: '', node: '', load: 0, peers: [] };
  const claims = [{ what: '', seen: '' }];
  const outcomes = [{ what: '', ours: { name: '', rounds: [], wrong: {} } }];
  const made = page(report({ outcomes, claims, plan, machine, isPinned: true, chart: chartOf(path).name }));
  assert.deepEqual(headers(written), headers(made));
  assert.equal(written.split('\n')[0], made.split('\n')[0]);
  assert.ok(written.includes(`](${chartOf(path).name})`));
});

test('every row of the page has a cell for each column', () => {
  const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
  let columns = 0;
  for (const [n, line] of written.split('\n').entries()) {
    if (!line.startsWith('|')) columns = 0;
    else if (columns === 0) columns = cells(line);
    else assert.equal(cells(line), columns, `${path}, line ${n + 1}: ${line}`);
  }
});

test('the chart of the last run is well-formed, and tells of every row that has a ratio', () => {
  const svg = readFileSync(inRepository(chartOf(path).path), 'utf8');
  assert.equal(malformed(svg), undefined);
  const [cpuTable = ''] = written.split('| what | ours requests/s');
  const ratios = cpuTable.split('\n').filter((line) => /\(\d+\.\d\d–\d+\.\d\d\)/.test(line));
  assert.equal(svg.match(/<rect class="ours"/g)?.length, ratios.length);
});
