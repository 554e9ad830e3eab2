export type Cell = string;

/** A Markdown table, the first column to the left, the others, figures, to the right. */
export function markdownTable(header: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.map(escapePipes).join(' | ')} |`).join('\n');
}

function escapePipes(cell: Cell): string {
  return cell.replaceAll('|', '\\|');
}
