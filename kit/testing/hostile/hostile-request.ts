/** Raw requests that a server in front of others must not misread, and what becomes of each; data only. */

/**
 * One request as bytes (latin1), and what is to become of it: the status of a refusal, after which the connection closes and
 * nothing behind it is served; or `served`: it is acted on, and so is what comes behind it.
 */
export type HostileRequest = {
  readonly what: string;
  readonly bytes: string;
  readonly outcome: number | 'served' | 'served, then closed';
};

/** What every request of the table asks for: an address that is the application's in every shape. */
export const asked = '/echo';

/** The one Host line of a request that has nothing odd about its Host. */
export const host = 'Host: a\r\n';

/** A second, valid request, to be sent behind one of the table. */
export const behind = `GET ${asked}?behind HTTP/1.1\r\n${host}\r\n`;

/** A GET with these lines behind `Host`. */
export const get = (lines: string): string => `GET ${asked} HTTP/1.1\r\n${host}${lines}\r\n`;

/** A POST with these lines behind `Host`, and this body. */
export const post = (lines: string, body: string): string => `POST ${asked} HTTP/1.1\r\n${host}${lines}\r\n${body}`;

type Row = readonly [what: string, bytes: string, outcome: HostileRequest['outcome']];

/** Rows of a table as requests; `topic` begins their names. */
export function requests(topic: string, rows: readonly Row[]): readonly HostileRequest[] {
  return rows.map(([what, bytes, outcome]) => ({ what: `${topic}: ${what}`, bytes, outcome }));
}
