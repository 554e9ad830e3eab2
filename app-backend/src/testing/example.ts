/** One request to the sample application, and what must come back, whichever language answers and whatever stands in front. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export type Example = {
  readonly what: string;
  readonly method?: string;
  /** Path and query, sent as they are. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly answer: Expected;
  /** Of one of the two alone; else of both. */
  readonly only?: 'node' | 'python';
  /** What only the application itself can be asked: why not through the tiers. */
  readonly alone?: string;
  /** The Python package that the twin needs for it. */
  readonly needs?: 'webob' | 'werkzeug';
};

export type Expected = {
  readonly status: number;
  /** By lower-case name; null: not there. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
  readonly text?: string | RegExp;
  /** Members of a body that is JSON; what else it has does not matter. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** The transfer breaks off after what `text` says. */
  readonly isBroken?: true;
};

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly isBroken: boolean;
};

/** Asks an example of whoever answers at `url`, on a connection of its own. */
export async function askExample(
  url: string | URL,
  { method = 'GET', target, headers, body }: Example,
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const asking = request({ hostname, port, method, path: target, headers: { ...headers }, agent: false });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  // A server may close while the rest of a body is on its way: it has answered.
  asking.on('error', () => asking.destroy());
  let text = '';
  const { promise: over, resolve } = Promise.withResolvers<void>();
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.once('close', resolve).on('error', () => response.destroy());
  await over;
  return { status: response.statusCode ?? 0, headers: response.headers, text, isBroken: !response.complete };
}

/** @throws AssertionError that shows the reply. */
export function assertReply(reply: Reply, { status, fields = {}, text, json, isBroken }: Expected): void {
  const shown = JSON.stringify({ ...reply, text: reply.text.slice(0, 500) }, undefined, 1);
  assert.equal(reply.status, status, shown);
  assert.equal(reply.isBroken, isBroken === true, shown);
  for (const [name, value] of Object.entries(fields))
    assertText(textOf(reply.headers[name]), value, `${name}: ${shown}`);
  if (text !== undefined) assertText(reply.text, text, shown);
  const told: unknown = json && JSON.parse(reply.text);
  for (const [name, value] of Object.entries(json ?? {})) {
    assert.deepEqual(told !== null && typeof told === 'object' && Reflect.get(told, name), value, `${name}: ${shown}`);
  }
}

function textOf(value: string | string[] | undefined): string | null {
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

function assertText(got: string | null, wanted: string | RegExp | null, shown: string): void {
  if (wanted instanceof RegExp) assert.match(got ?? '', wanted, shown);
  else assert.equal(got, wanted, shown);
}
