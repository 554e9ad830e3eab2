/** Which test shows which edge case: `docs/edge-cases.md`, made from the list and from the titles of the tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { edgeCases, inapplicable } from '../edge-cache/edge-cases.ts';

const repository = join(import.meta.dirname, '..');
const places = ['edge-cache', 'kit', 'static-frontend', 'app-backend', 'topology', 'e2e', 'docs'];

/** The files in which a test names each case, by its number, in the order of their paths. */
export function shownBy(): Map<number, string[]> {
  const files = new Map<number, string[]>();
  for (const path of places.flatMap(testFiles).sort()) {
    const text = readFileSync(join(repository, path), 'utf8');
    const numbers = new Set(Array.from(text.matchAll(/\[case (\d+)\]/g), ([, number]) => Number(number)));
    for (const number of numbers) files.set(number, [...(files.get(number) ?? []), path]);
  }
  return files;
}

/** The page as it must be now. */
export function edgeCasesPage(files: ReadonlyMap<number, readonly string[]>): string {
  let number = 0;
  const groups = edgeCases.map(({ about, cases }) => {
    const rows = cases.map((behaviour) => {
      number += 1;
      return `| ${number} | ${behaviour} | ${shown(number, files.get(number) ?? [])} |`;
    });
    return [`## ${about}`, '', '| | behaviour | shown by |', '|---|---|---|', ...rows].join('\n');
  });
  return `${opening}\n${groups.join('\n\n')}\n`;
}

const opening = `# Edge cases

Races and edge cases of a shared cache, and the tests that show what this one does. Each of these tests has the number in
its title, as \`[case 1]\`. Random sequences of all of it are held against a simple model of what may be answered in
\`edge-cache/src/machine/model.test.ts\`. Written by \`npm run docs\`.
`;

function shown(number: number, files: readonly string[]): string {
  const reason = inapplicable[number];
  if (reason !== undefined) return `does not apply: ${reason}`;
  return files.map((path) => `\`${path}\``).join('<br>');
}

function testFiles(folder: string): string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') || /^e2e\/cases\/.*\.ts$/.test(path) ? [path] : [];
  });
}

if (import.meta.main) {
  await writeFile(join(import.meta.dirname, 'edge-cases.md'), edgeCasesPage(shownBy()));
}
