/** One request to the same program under two servers, and how their answers may differ. */
import type { Outcome } from './outcome.ts';

/** What is said of an outcome. A member that neither side says anything of is the same on both. */
export type Told = { readonly [member in keyof Outcome]?: Outcome[member] | RegExp };

/** A difference: both sides of it are asserted, so that one which goes away is noticed. */
export type Difference = { readonly why: string; readonly gunicorn: Told; readonly ours: Told };

export type Row = {
  readonly what: string;
  /** What goes out, latin-1. */
  readonly bytes: string;
  /** Is asked again with `wsgiref.validate` around the program, and must give the same on both sides, even what differs without. */
  readonly isLegal?: true;
  readonly differs?: Difference;
  /** Ends the worker: what comes after it must not notice. */
  readonly isDeadly?: true;
};

/** What an application did wrong is answered for by a page, before anything is sent. */
export const ourFault: Told = {
  status: 'HTTP/1.1 500',
  fields: [],
  framing: 'length',
  body: 'a page',
  end: 'whole',
};

/** The fields of nearly all of the programs. */
export const plainFields: readonly string[] = ['Content-Type: text/plain; charset=utf-8'];

/** A GET on a connection of its own. */
export function get(target: string, ...lines: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: odd.test', ...lines, 'Connection: close', '', ''].join('\r\n');
}

/** A POST with its length. */
export function post(target: string, body: string, ...lines: readonly string[]): string {
  const head = [`POST ${target} HTTP/1.1`, 'Host: odd.test', `Content-Length: ${body.length}`, ...lines];
  return [...head, 'Connection: close', '', body].join('\r\n');
}

/** Rows of programs that a server must carry out as they stand. */
export function legal(targets: readonly string[]): Row[] {
  return targets.map((target) => ({ what: target, bytes: get(target), isLegal: true }));
}

/** Rows whose outcomes differ for one reason. */
export function differing(differs: Difference, targets: readonly string[]): Row[] {
  return targets.map((target) => ({ what: target, bytes: get(target), differs }));
}
