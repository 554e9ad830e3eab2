/** A listing as a page and as data: pure. */
import type { Entry, Listing } from './list-folder.ts';

/** As a page; `path` is the decoded path that was asked, with its slash at the end. */
export function listingPage(path: string, { entries, isWhole }: Listing): string {
  const title = `Index of ${escapeHtml(path)}`;
  const up = path === '/' ? '' : '<tr><td><a href="../">../</a><td><td>\n';
  const more = isWhole ? '' : `<p>There is more: these are ${entries.length} of the entries.\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
td, th { padding: 0 2rem 0 0; text-align: left } td:nth-child(2), th:nth-child(2) { text-align: right }
</style>
<h1>${title}</h1>
${more}<table>
<tr><th>Name<th>Size<th>Modified
${up}${entries.map(line).join('')}</table>
</html>
`;
}

/** As data: a list of `{ name, type, size, mtime }`, folders without a size. */
export function listingJson({ entries }: Listing): string {
  const rows = entries.map((entry) => {
    const mtime = timeOf(entry);
    const { name, type } = entry;
    return entry.type === 'file' ? { name, type, size: entry.size, mtime } : { name, type, mtime };
  });
  return `${JSON.stringify(rows)}\n`;
}

function line(entry: Entry): string {
  const slash = entry.type === 'folder' ? '/' : '';
  const size = entry.type === 'file' ? String(entry.size) : '';
  // A colon is encoded too, so that no name reads as a scheme.
  const link = `<a href="${encodeURIComponent(entry.name)}${slash}">${escapeHtml(entry.name)}${slash}</a>`;
  return `<tr><td>${link}<td>${size}<td>${timeOf(entry)}\n`;
}

/** The last instant that a Date can be; some file systems have later ones. Milliseconds. */
const endOfTime = 8.64e15;

function timeOf({ mtime }: Entry): string {
  return new Date(Math.max(-endOfTime, Math.min(mtime, endOfTime))).toISOString();
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
