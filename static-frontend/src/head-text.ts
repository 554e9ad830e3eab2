import { STATUS_CODES } from 'node:http';
import type { Fields } from '@trivet/kit/semantics/fields.ts';

/** Status line and fields as node:http writes them, CRLF behind each; to be kept: one string, not a tree of its parts. */
export function headText(status: number, fields: Fields): string {
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  return Buffer.from(statusLine + fieldLines(fields), 'latin1').toString('latin1');
}

/** The fields alone, CRLF behind each. */
export function fieldLines(fields: Fields): string {
  let lines = '';
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}
