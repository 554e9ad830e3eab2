/** A client of its own for the cases: one connection per request, nothing decoded, nothing added but `Host`. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
};

export type Question = {
  readonly method?: string;
  /** Sent as it is; a URL would have its dot segments resolved and its NUL encoded. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** The address of this machine to ask from; by default the system chooses. */
  readonly from?: string;
  /** Is told of each interim answer. */
  readonly onInterim?: (interim: { readonly statusCode: number; readonly headers: IncomingHttpHeaders }) => void;
};

/** Sends a request and resolves at the response head; the body is left to the caller. */
export async function open(url: URL, question: Question = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, path = url.pathname + url.search, body, from, onInterim } = question;
  const sending = request(url, { method, headers, path, agent: false, ...(from && { localAddress: from }) });
  if (onInterim) sending.on('information', onInterim);
  sending.end(body);
  const [response] = await once(sending, 'response');
  // The server may close while we still send: it has answered, that is enough.
  sending.on('error', () => sending.destroy());
  return response as IncomingMessage;
}

/** Sends a request and resolves with the whole answer; a transfer that breaks rejects. */
export async function ask(url: URL, question: Question = {}): Promise<Answer> {
  const response = await open(url, question);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  // A transfer that broke before anybody listened ends without an error.
  if (!response.complete) throw new Error('the transfer broke off');
  const body = Buffer.concat(chunks);
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() };
}

let turn = 0;

/** `/script` with these parameters, at an address that no other case and no earlier run has asked for. */
export function script(base: URL, parameters: Readonly<Record<string, string>> = {}): URL {
  const url = new URL('/script', base);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  url.searchParams.set('once', `${process.pid}-${Date.now()}-${turn++}`);
  return url;
}

/** The random text that each answer of `/script` carries: the same nonce is the same stored answer. */
export function nonce(answer: Answer): string {
  const value = answer.headers['x-nonce'];
  if (typeof value !== 'string')
    throw new Error(`no x-nonce in a ${answer.status} answer: ${answer.text.slice(0, 200)}`);
  return value;
}

/** What the edge says it did, RFC 9211. */
export function cacheStatus(answer: Answer): string {
  return String(answer.headers['cache-status'] ?? '');
}
