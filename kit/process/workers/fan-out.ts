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
};

/** Answers with what all workers say, merged; where one refuses, with that. */
export async function fanOut(crew: Pick<Crew, 'hands'>, request: Request, response: Response, rules: FanOut) {
  const asked = questionOf(request);
  const answers = await askAll(crew.hands, rules.question?.(asked) ?? asked);
  if (answers.length === 0) return nobody(response);
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

/** What a worker can tell at once, it has told by then; one that hangs must not hide what the others tell. */
const AT_ONCE_MS = 2_000;

/** The JSON answers of all workers that gave one, with the worker. */
export async function tellingOf(hands: readonly Hand[], path: string): Promise<{ hand: Hand; told: unknown }[]> {
  const answers = await askAll(hands, { method: 'GET', path }, AT_ONCE_MS);
  return answers.map(({ worker, reply }) => ({ hand: worker, told: jsonOf(reply) }));
}
