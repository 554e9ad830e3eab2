import { type Ban, parseBan } from './ban-expression.ts';

export type BanOrder = { readonly ban: Ban; readonly dryRun: boolean };

/** `error` says all of it in one line; line and column are there when the expression is to blame. */
export type BanProblem = { readonly error: string; readonly line?: number; readonly column?: number };

const members = ['expression', 'dryRun'];

/** Reads the body of `POST /ban`. Anything unclear is refused: a ban that misses is noticed too late. */
export function readBan(body: unknown): BanOrder | BanProblem {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { error: 'the body must be a JSON object' };
  const unknown = Object.keys(body).find((name) => !members.includes(name));
  if (unknown !== undefined) return { error: `there is no member ${JSON.stringify(unknown)}` };
  const { expression, dryRun }: { readonly expression?: unknown; readonly dryRun?: unknown } = body;
  if (typeof expression !== 'string') return { error: '"expression" must be a string' };
  if (dryRun !== undefined && typeof dryRun !== 'boolean') return { error: '"dryRun" must be true or false' };
  const reading = parseBan(expression);
  if (reading.verdict === 'ban') return { ban: reading.ban, dryRun: dryRun === true };
  const { why, line, column } = reading;
  return { error: `line ${line}, column ${column}: ${why}`, line, column };
}
