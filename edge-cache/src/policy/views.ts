import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';

/** A request as a policy sees it. */
export type RequestView = {
  readonly method: string;
  /** Without the query, as received. */
  readonly path: string;
  /** Undefined when there is no `?`. */
  readonly query: string | undefined;
  /** Lower case, without :80 and :443. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** The address of the client, as far as trusted proxies told it. */
  readonly client: string;
  /** 0 for what a client asks for, 1 for the fragments of that, and so on (Varnish: `req.esi_level`). */
  readonly esiLevel: number;
  /** All lines of a field, joined with ', '; undefined when there is none. The case of `name` does not matter. */
  header(name: string): string | undefined;
};

/** A response as a policy sees it. */
export type ResponseView = {
  readonly status: number;
  header(name: string): string | undefined;
};

/** What a view is made of. */
export type RequestParts = {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly client: string;
  readonly fields: Fields;
  readonly esiLevel?: number;
};

/** `header` stands by itself: hooks take it apart from its view. */
function reader(fields: Fields): (name: string) => string | undefined {
  return (name) => field(fields, name.toLowerCase());
}

export function requestView(parts: RequestParts): RequestView {
  const { method, target, scheme, client, fields, host, esiLevel = 0 } = parts;
  return { method, ...splitQuery(target), host, scheme, client, esiLevel, header: reader(fields) };
}

export function responseView(status: number, fields: Fields): ResponseView {
  return { status, header: reader(fields) };
}
