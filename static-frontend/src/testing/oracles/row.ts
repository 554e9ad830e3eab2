/** One request to three servers, and what each of them answers: the front, nginx and Apache httpd. */

/** What came where no status line did: bytes without a head (HTTP/0.9), or nothing but the close. */
export type Status = number | 'bare' | 'nothing';

/** `null`: the field is not there. */
export type ExpectedFields = Readonly<Record<string, string | RegExp | null>>;

export type Expected = {
  /** Several: of the requests in `bytes`, in their order. `fields` and `body` are those of the first answer. */
  readonly status: Status | readonly Status[];
  readonly fields?: ExpectedFields;
  readonly body?: string | RegExp;
};

/** Where a peer does something else, and why that is not what the front does. Fields that are left out are not looked at. */
export type Difference = Partial<Expected> & { readonly why: string };

/** A peer that has no such feature is not asked. */
export type NotAsked = { readonly notAsked: string };

export type Row = {
  /** The row of the feature tables that this shows: `A.2 #7`. */
  readonly of: string;
  readonly what: string;
  /**
   * What goes out, latin-1. `{etag /f.txt}` is the entity tag that the asked server gives this file, `{etag /f.txt gzip}`
   * that of the representation for this Accept-Encoding.
   */
  readonly bytes: string;
  /** The client says that nothing more is to come, and goes on reading. */
  readonly endsWriting?: true;
  /** Which links are followed; the front's default is `inside`. */
  readonly links?: 'never' | 'any';
  /** `own` are fields that only the front has so; all the rest is what a peer answers, too, unless it says otherwise. */
  readonly ours: Expected & { readonly own?: ExpectedFields };
  readonly nginx?: Difference | NotAsked;
  readonly apache?: Difference | NotAsked;
};

export type Table = { readonly about: string; readonly rows: readonly Row[] };

/** A GET on a connection of its own. */
export function get(target: string, ...lines: string[]): string {
  return ask('GET', target, ...lines);
}

/** A request without content on a connection of its own. */
export function ask(method: string, target: string, ...lines: string[]): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: front.test', ...lines, 'Connection: close', '', ''].join('\r\n');
}

/** A request of any lines, and behind it one that must not be served when the first one is refused. */
export function andBehind(...lines: string[]): string {
  return `${lines.join('\r\n')}${behind}`;
}

const behind = 'GET /f.txt HTTP/1.1\r\nHost: front.test\r\nConnection: close\r\n\r\n';
