/** Asks the admin API of workers, each on its Unix socket. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type Question = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly accept?: string | undefined;
  /** JSON. */
  readonly body?: unknown;
};

export type Reply = { readonly status: number; readonly type: string; readonly body: Buffer };

export type Asked = { readonly number: number; readonly pid: number; readonly admin: string };

const DEADLINE_MS = 15_000;

/** Begins to ask; the answer's body is the caller's. Rejects when the worker is gone. */
export async function openReply(worker: Asked, question: Question, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, path, accept = 'application/json', body } = question;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    host: 'localhost',
    accept,
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  const asking = request({ socketPath: worker.admin, agent: false, method, path, headers, signal });
  asking.end(text);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  if (response === undefined) throw new Error(`worker ${worker.number} gave no answer`);
  return response;
}

/** The whole answer of one worker. Rejects when it is gone, or has not answered in time. */
export async function ask(worker: Asked, question: Question, deadlineMs = DEADLINE_MS): Promise<Reply> {
  const response = await openReply(worker, question, AbortSignal.timeout(deadlineMs));
  const body = await buffer(response);
  return { status: response.statusCode ?? 502, type: response.headers['content-type'] ?? 'text/plain', body };
}

/** The answers of all that gave one; those that end meanwhile, or hang, are left out. */
export async function askAll<W extends Asked>(
  workers: readonly W[],
  question: Question,
  deadlineMs?: number,
): Promise<{ readonly worker: W; readonly reply: Reply }[]> {
  const asked = await Promise.allSettled(
    workers.map(async (worker) => ({ worker, reply: await ask(worker, question, deadlineMs) })),
  );
  return asked.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
}

/** The JSON of an answer. @throws SyntaxError */
export function jsonOf({ body }: Reply): unknown {
  return JSON.parse(body.toString());
}
