/** What the program is told to do, in its query, and what has to come of it. */
import { get, ourFault, post, type Told } from '../beside-gunicorn/row.ts';

/** A string stands for its bytes in latin-1; what is in brackets is given to the server as it is. */
export type Block = string | readonly [unknown];

/** One call of start_response. */
export type Start = {
  readonly status: unknown;
  readonly headers: unknown;
  /** Comes with the exception that explains it. */
  readonly hasFailure?: true;
  /** What it throws is swallowed. */
  readonly isForgiven?: true;
};

export type Plan = {
  readonly starts?: readonly Start[];
  readonly writes?: readonly Block[];
  readonly blocks?: readonly Block[];
  /** What is returned: a list; an iterable with `close`; a generator that only then calls start_response; a file in `wsgi.file_wrapper`; the first block, bare. */
  readonly as?: 'list' | 'blocks' | 'generator' | 'file' | 'itself';
  readonly fails?: 'at once' | 'once started' | 'at the end' | 'in close';
};

/** A call of a method of `wsgi.input`, or all of its iteration. */
export type Read =
  | readonly ['read' | 'readline' | 'readlines', number]
  | readonly ['read' | 'readline' | 'readlines' | 'iterate'];

export type Row = {
  readonly what: string;
  /** Latin-1. */
  readonly bytes: string;
  readonly told: Told;
  /** `wsgiref.validate`, and our own, have nothing to say against it. */
  readonly isLegal?: true;
  /** The body that the program returns has a `close`. */
  readonly hasClose?: true;
};

type RowOptions = Pick<Row, 'isLegal'> & { readonly method?: string; readonly version?: string };

/** The row of a plan. */
export function playing(what: string, plan: Plan, told: Told, options: RowOptions = {}): Row {
  const { method = 'GET', version = 'HTTP/1.1', ...rest } = options;
  const bytes = get(`/play?${encodeURIComponent(JSON.stringify(plan))}`)
    .replace('GET', method)
    .replace('HTTP/1.1', version);
  const closes = plan.as === 'blocks' || plan.as === 'file';
  return { what, bytes, told, ...rest, ...(closes && { hasClose: true }) };
}

/** The row of reads of a body. */
export function reading(what: string, reads: readonly Read[], body: string, found: readonly unknown[]): Row {
  const bytes = post(`/read?${encodeURIComponent(JSON.stringify(reads))}`, body);
  return { what, bytes, told: { status: 'HTTP/1.1 200 OK', body: JSON.stringify(found), end: 'whole' } };
}

export const ok = (body: string): Told => ({ status: 'HTTP/1.1 200 OK', body, end: 'whole' });

/** A 500 of the server's own, and a connection that stays in step. */
export const fault: Told = ourFault;

export const one = (status: unknown, headers: unknown = []): Start => ({ status, headers });
