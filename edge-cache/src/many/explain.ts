import { ask, askAll, jsonOf } from '@trivet/kit/process/workers/ask.ts';
import type { Crew } from '@trivet/kit/process/workers/crew.ts';
import { nobody, pass, questionOf } from '@trivet/kit/process/workers/fan-out.ts';
import type { Express } from 'express';
import type { Explained } from '../explain/explained.ts';

/** What of an explanation says how much the worker knows that gave it. */
export type Knowing = Pick<Explained, 'last'> & {
  readonly variants: readonly unknown[];
  readonly lookup?: { readonly do: string };
};

/** Enough to look through a large store for a path without a host; one that hangs must not hide what the others know. */
const TELLING_MS = 5_000;

/** Mounts `GET /explain`: the answer is that of the worker that knows best. */
export function explainRoute(app: Express, crew: Pick<Crew, 'hands'>): void {
  app.get('/explain', async (request, response) => {
    const question = questionOf(request);
    const { pathname, searchParams } = new URL(question.path, 'http://admin');
    if (['json', 'text'].includes(searchParams.get('format') ?? 'json')) searchParams.set('format', 'json');
    const answers = await askAll(crew.hands, { method: 'GET', path: `${pathname}?${searchParams}` }, TELLING_MS);
    const refusal = answers.find(({ reply }) => reply.status >= 300);
    if (refusal !== undefined) return pass(response, refusal.reply);
    const best = bestKnowing(answers.map(({ reply }) => jsonOf(reply) as Knowing));
    const chosen = answers[best];
    if (chosen === undefined) return nobody(response);
    // In the form that was asked for.
    pass(response, await ask(chosen.worker, question, TELLING_MS).catch(() => chosen.reply));
  });
}

/** The place of the one that would answer from its store, else has something stored, else was asked last. */
export function bestKnowing(all: readonly Knowing[]): number {
  const ranks = all.map(({ variants, lookup, last }) => [
    lookup?.do === 'deliver' ? 1 : 0,
    variants.length > 0 ? 1 : 0,
    last === null ? 0 : Date.parse(last.at),
  ]);
  let best = 0;
  for (const [at, rank] of ranks.entries()) if (isBeyond(rank, ranks[best] ?? [])) best = at;
  return best;
}

function isBeyond(rank: readonly number[], other: readonly number[]): boolean {
  const at = rank.findIndex((value, index) => value !== other[index]);
  return at >= 0 && (rank[at] ?? 0) > (other[at] ?? 0);
}
