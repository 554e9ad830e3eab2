/** What a client sees of one exchange, without what differs from one asking, or from one server, to the next. */
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';

export type Outcome = {
  /** The whole status line, or `nothing` when the connection closed without one. */
  readonly status: string;
  /** Status lines of interim answers, but 100. */
  readonly interim: readonly string[];
  /** Lines as they came, in their order; framing and what every server says of itself are left out. */
  readonly fields: readonly string[];
  readonly framing: 'length' | 'chunked' | 'close';
  /** Latin-1. */
  readonly body: string;
  readonly end: 'whole' | 'broken';
};

/** Sends the bytes, latin-1, on a connection of their own, and reads the first answer until the server closes. */
export async function outcomeOf(port: number, bytes: string): Promise<Outcome> {
  await using client = await rawConnect(port, 10_000);
  await client.write(bytes);
  await client.closed;
  return read(client.received, bytes.slice(0, bytes.indexOf(' ')));
}

const nothing: Outcome = { status: 'nothing', interim: [], fields: [], framing: 'close', body: '', end: 'broken' };
const ofTheServer =
  /^(?:Date|Server|Connection|Keep-Alive|Server-Timing|X-Request-Id|Content-Length|Transfer-Encoding):/i;

function read(received: string, method: string): Outcome {
  const interim: string[] = [];
  let rest = received;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 || !rest.startsWith('HTTP/1.')) return { ...nothing, interim, body: rest };
    const [status = '', ...lines] = rest.slice(0, end).split('\r\n');
    rest = rest.slice(end + 4);
    if (/^HTTP\/1\.1 1\d\d /.test(status)) {
      if (!status.includes(' 100 ')) interim.push(status, ...lines);
      continue;
    }
    const fields = lines.filter((line) => !ofTheServer.test(line));
    return withoutPage({ status, interim, fields, ...contentOf({ status, lines, rest, method }) });
  }
}

/** Each server has error pages of its own, and what they look like does not matter. */
function withoutPage(outcome: Outcome): Outcome {
  const { status, body } = outcome;
  const isGunicorns = /^<html>\n {2}<head>\n {4}<title>/.test(body);
  const isOurs = body.includes('<dt>Tier</dt><dd><code>app-backend</code></dd>');
  if (!isGunicorns && !isOurs) return outcome;
  return { ...outcome, status: status.slice(0, 'HTTP/1.1 500'.length), fields: [], framing: 'length', body: 'a page' };
}

type Parts = {
  readonly status: string;
  readonly lines: readonly string[];
  readonly rest: string;
  readonly method: string;
};

function contentOf({ status, lines, rest, method }: Parts): Pick<Outcome, 'framing' | 'body' | 'end'> {
  const told = lines.map((line) => /^Content-Length: *(\d+)$/i.exec(line)?.[1]).find((length) => length !== undefined);
  const isChunked = lines.some((line) => /^Transfer-Encoding: *chunked$/i.test(line));
  const framing = isChunked ? 'chunked' : told === undefined ? 'close' : 'length';
  // What comes with an answer that has no body shows as one.
  if (method === 'HEAD' || /^\S+ (?:204|304)/.test(status)) return { framing, body: rest, end: 'whole' };
  if (isChunked) return { framing, ...chunksOf(rest) };
  return { framing, body: rest, end: told === undefined || Number(told) === rest.length ? 'whole' : 'broken' };
}

function chunksOf(rest: string): Pick<Outcome, 'body' | 'end'> {
  let body = '';
  let at = 0;
  for (;;) {
    const line = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest.slice(at));
    if (line === null) return { body, end: 'broken' };
    const size = Number.parseInt(line[1] ?? '0', 16);
    at += line[0].length;
    if (size === 0) return { body, end: rest.slice(at) === '\r\n' ? 'whole' : 'broken' };
    body += rest.slice(at, at + size);
    at += size + 2;
  }
}
