import { basename } from 'node:path';

/** The whole page. */
export function page(text: string): string {
  return `# Performance\n\n${text}`;
}

/** Where the chart of a page goes: beside it, with its name; `name` is what the page calls it by. */
export function chartOf(pagePath: string): { readonly path: string; readonly name: string } {
  const path = `${pagePath.replace(/\.md$/, '')}.svg`;
  return { path, name: basename(path) };
}
