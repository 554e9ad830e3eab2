/** What cases about the front share: a site in force for a while, files of their own, and what the front counts. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Answer } from './ask.ts';
import type { Stack } from './topology.ts';

/** The text of a site file with these members. */
export function siteOf(members: string): string {
  return `import { defineSite } from '@trivet/static-frontend';\n\nexport default defineSite({\n  ${members}\n});\n`;
}

/** Runs `checks` under a site with these members, and puts the kit's own back in force whatever becomes of them. */
export async function underSite(stack: Stack, members: string, checks: () => Promise<void>): Promise<void> {
  try {
    const answer = await stack.site(siteOf(members));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).reloaded, true);
    await checks();
  } finally {
    const back = await stack.site();
    assert.equal(back.status, 200, back.text);
  }
}

let turn = 0;

/** A name that no other case and no earlier run has used. */
export function unique(): string {
  return `${process.pid}-${Date.now()}-${turn++}`;
}

/** Puts files into a new folder of the front's root; the folder's path, `/f-…/`. */
export async function folder({ root }: Stack, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const name = `f-${unique()}`;
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return `/${name}/`;
}

/** Where clients may ask: through the edge, and the front itself. */
export function doors({ edge, front }: Stack): readonly URL[] {
  return [edge, front];
}

/** The sum of the front's metrics of this name that have all of these labels. */
export async function counted({ admin }: Stack, name: string, labels: Readonly<Record<string, string>>) {
  const { text } = await admin('static-frontend', '/metrics');
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  const wanted = lines.filter((line) => pairs.every((pair) => line.includes(pair)));
  return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Why a tier refused, from its page for programs; asked for with `Accept: application/json`. */
export function reason({ text }: Answer): string {
  const { reason: why } = JSON.parse(text);
  return String(why);
}

/** The field that asks for errors as data. */
export const asData = { accept: 'application/json' } as const;

/** A site whose routes all lead to `up`, with these options. */
export function upstream(options: string): string {
  return `routes: [{ path: '/', proxy: 'up' }],\n  upstreams: { up: { ${options} } },`;
}

/** The option that names them all. */
export function addresses(...all: readonly { readonly address: string }[]): string {
  return `addresses: '${all.map(({ address }) => address).join(',')}'`;
}
