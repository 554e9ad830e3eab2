/** Routes of the admin API that ask the workers and answer for all of them. */
import type { Express, Request, Response } from 'express';
import { ask, askAll, jsonOf, type Question, type Reply } from './ask.ts';
import type { Crew, Hand } from './crew.ts';
import { merged, type Rules } from './merge.ts';

export type FanOut = {
  /** What the workers are asked in place of what the operator asked. */
  question?(asked: Question): Question;
  /** How their answers become one: by rules, or by a function of the answers and of what the operator asked. */
  readonly merge: Rules | ((bodies: readonly unknown[], asked: URLSearchParams) => unknown);
  /** Is an answer for all only one that all have given? Else those that hang are left out. */
  readonly isOfAll?: boolean;
  /** Who has not answered by then says nothing; else what is of all may take as long as a reload, the rest 15 s. */
  readonly deadlineMs?: number;
};

/** Answers with what all workers say, merged; where one refuses, with that. */
export async function fanOut(crew: Pick<Crew, 'hands'>, request: Request, response: Response, rules: FanOut) {
  const asked = questionOf(request);
  const hands = crew.hands;
  const deadlineMs = rules.deadlineMs ?? (rules.isOfAll ? ALL_MS : undefined);
  const answers = await askAll(hands, rules.question?.(asked) ?? asked, deadlineMs);
  if (answers.length === 0) return nobody(response);
  const isThere = ({ pid }: Hand) => crew.hands.some((other) => other.pid === pid);
  const silent = hands.filter((hand) => !answers.some(({ worker }) => worker === hand) && isThere(hand));
  if (rules.isOfAll && silent.length > 0) return notAll(response, silent, deadlineMs ?? ALL_MS);
  const refusal = answers.find(({ reply }) => reply.status >= 300);
  if (refusal !== undefined) return pass(response, refusal.reply);
  const bodies = answers.map(({ reply }) => jsonOf(reply));
  const { merge } = rules;
  const query = new URL(request.originalUrl, 'http://admin').searchParams;
  response.json(typeof merge === 'function' ? merge(bodies, query) : merged(bodies, merge));
}

/** Answers as one worker does: the first that serves. */
export async function askOne(crew: Pick<Crew, 'hands'>, request: Request, response: Response): Promise<void> {
  for (const hand of crew.hands) {
    const reply = await ask(hand, questionOf(request)).catch(() => undefined);
    if (reply !== undefined) return pass(response, reply);
  }
  nobody(response);
}

/** Mounts, behind all other routes: what is not known here is asked of one worker. */
export function elsewhere(app: Express, crew: Pick<Crew, 'hands'>): void {
  app.use((request, response) => askOne(crew, request, response));
}

/** What an operator asked, to be asked of a worker. */
export function questionOf({ method, originalUrl, headers, body }: Request): Question {
  return { method, path: originalUrl, accept: headers.accept, body: method === 'POST' ? (body ?? {}) : undefined };
}

/** Gives a worker's answer on as it is. */
export function pass(response: Response, { status, type, body }: Reply): void {
  response.status(status).set('Content-Type', type).end(body);
}

/** No worker serves now. */
export function nobody(response: Response): void {
  response.status(503).json({ error: 'no worker is there to answer; one is being started' });
}

function notAll(response: Response, silent: readonly Hand[], deadlineMs: number): void {
  const who = silent.map(({ number }) => number).join(', ');
  response.status(503).json({ error: `no answer from worker ${who} within ${deadlineMs}ms; the others have answered` });
}

/** Longer than a worker needs for two loads of a policy, one behind the other. */
const ALL_MS = 25_000;

/** What a worker can tell at once, it has told by then; one that hangs must not hide what the others tell. */
export const AT_ONCE_MS = 2_000;

/** What a worker told. */
export type Telling = { readonly hand: Hand; readonly told: unknown };

/** The JSON answers of all workers that gave one, with the worker; those of status 200, and of one more. */
export async function tellingOf(hands: readonly Hand[], path: string, alsoStatus = 200): Promise<Telling[]> {
  const answers = await askAll(hands, { method: 'GET', path }, AT_ONCE_MS);
  const telling = answers.filter(({ reply: { status } }) => status === 200 || status === alsoStatus);
  return telling.map(({ worker, reply }) => ({ hand: worker, told: jsonOf(reply) }));
}
