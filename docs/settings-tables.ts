/** The tables of the documents, settings and counters, made from those in the code: `npm run docs` writes them. */
import { readFile, writeFile } from 'node:fs/promises';
import { markdown, type Table } from '@trivet/kit/process/settings.ts';
import { settings as app } from '../app-backend/settings.ts';
import { settings as edge } from '../edge-cache/settings.ts';
import { countersTable } from '../edge-cache/src/watch/varnish-counters.ts';
import { settings as front } from '../static-frontend/settings.ts';
import { optionsTable } from '../topology/wsgi/options-table.ts';

const tables: Readonly<Record<string, Table>> = { 'edge-cache': edge, 'static-frontend': front, 'app-backend': app };

/** The documents that hold such tables, between `<!-- settings: TIER -->` and `<!-- end -->`. */
export const documents = ['README.md', 'edge-cache/README.md', 'static-frontend/README.md', 'app-backend/README.md'];

/** The same document with every settings table as the code has it now. Throws on the name of no tier. */
export function withTables(document: string): string {
  const counted = document.replace(
    /(<!-- counters -->\n)[\s\S]*?(<!-- end -->)/,
    (_all, open, close) => `${open}${countersTable()}\n${close}`,
  );
  const withOptions = counted.replace(
    /(<!-- gunicorn -->\n)[\s\S]*?(<!-- end -->)/,
    (_all, open, close) => `${open}${optionsTable()}\n${close}`,
  );
  return withOptions.replace(/(<!-- settings: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, open, tier, close) => {
    const rows = tables[tier];
    if (rows === undefined) throw new Error(`${tier} is no tier`);
    return `${open}${markdown(rows)}\n${close}`;
  });
}

if (import.meta.main) {
  for (const path of documents) {
    const url = new URL(`../${path}`, import.meta.url);
    await writeFile(url, withTables(await readFile(url, 'utf8')));
  }
}
