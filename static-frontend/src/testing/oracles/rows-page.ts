/** Which test shows which row of `front-rows.ts`, and where a peer does otherwise: `docs/front-rows.md`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frontTables } from '../../../front-rows.ts';
import type { FrontRow } from '../../../rows/row.ts';
import type { Difference, NotAsked, Row } from './row.ts';
import { tables } from './tables/all-tables.ts';

const repository = join(import.meta.dirname, '../../../..');
const oracles = 'static-frontend/src/testing/oracles/oracles.test.ts';

/** Rows that are shown, by their names (`A.2 #7`): the tests that do. */
export function shownBy(): Map<string, Set<string>> {
  const shown = new Map<string, Set<string>>();
  const add = (name: string, path: string) => shown.set(name, (shown.get(name) ?? new Set()).add(path));
  for (const path of ['kit', 'static-frontend', 'e2e'].flatMap(testFiles).sort()) {
    for (const [name] of readFileSync(join(repository, path), 'utf8').matchAll(/\b(?:A\.[1-4]|E) #\d+/g))
      add(name, path);
  }
  for (const { of } of tables.flatMap(({ rows }) => rows)) add(of, oracles);
  for (const { name, row } of allRows()) for (const path of row.tests ?? []) add(name, path);
  return shown;
}

/** Every row by its name. */
export function allRows(): { readonly name: string; readonly row: FrontRow }[] {
  return Object.entries(frontTables).flatMap(([table, { rows }]) =>
    rows.map((row, at) => ({ name: `${table} #${at + 1}`, row })),
  );
}

/** The page as it must be now. */
export function rowsPage(): string {
  const shown = shownBy();
  const parts = Object.entries(frontTables).map(([table, { about, rows }]) => {
    const lines = rows.map((row, at) => {
      const paths = [...(shown.get(`${table} #${at + 1}`) ?? [])];
      const by = row.none === undefined ? paths.map(asShown).join('<br>') : `does not apply: ${row.none}`;
      return `| ${at + 1} | ${row.does} | ${by} |`;
    });
    return [`## ${table} ${about}`, '', '| | what the front does | shown by |', '|---|---|---|', ...lines].join('\n');
  });
  return [opening, ...parts, differences()].join('\n\n').concat('\n');
}

const opening = `# What the front is trusted with

Five tables, and the tests that show each of their rows. Where a row is shown by the oracles, that is by
\`${oracles}\`, the same bytes go to the front (with its fast lane and without), to nginx 1.22 and to Apache httpd 2.4, and each must answer as
\`static-frontend/src/testing/oracles/tables/all-tables.ts\` has it; where a peer does something else, it is said below. Written by \`npm run docs\`.`;

function asShown(path: string): string {
  return path === oracles ? 'the oracles' : `\`${path}\``;
}

function differences(): string {
  const lines = tables.flatMap(({ rows }) => rows.flatMap(linesOf));
  const head = [
    '## Where the peers do otherwise',
    '',
    '| | request | front | nginx | Apache httpd |',
    '|---|---|---|---|---|',
  ];
  return [...head, ...lines].join('\n');
}

function linesOf(row: Row): string[] {
  if (row.nginx === undefined && row.apache === undefined) return [];
  const ours = String(row.ours.status);
  const cells = [row.of, row.what, ours, peerCell(row.nginx, ours), peerCell(row.apache, ours)];
  return [`| ${cells.map(escaped).join(' | ')} |`];
}

function peerCell(peer: Difference | NotAsked | undefined, ours: string): string {
  if (peer === undefined) return 'same';
  if ('notAsked' in peer) return `not asked: ${peer.notAsked}`;
  return `${peer.status ?? ours}: ${peer.why}`;
}

function escaped(text: string): string {
  return text.replace(/[|*_<>`\\]/g, '\\$&');
}

function testFiles(folder: string): string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

if (import.meta.main) writeFileSync(join(repository, 'docs/front-rows.md'), rowsPage());
