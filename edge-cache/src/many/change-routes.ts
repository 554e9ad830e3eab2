/** Purges and bans that are in force in every worker before they are answered. */
import type { Crew } from '@trivet/kit/process/workers/crew.ts';
import { fanOut } from '@trivet/kit/process/workers/fan-out.ts';
import { byName, byPlace, isRecord, merged } from '@trivet/kit/process/workers/merge.ts';
import type { Express, Response } from 'express';
import type { BanTold, Elsewhere } from '../machine/elsewhere.ts';
import type { Purged } from '../machine/purger.ts';
import { readBan } from '../policy/ban-order.ts';
import { readPurge } from '../policy/purge.ts';
import { refusePurge } from '../report.ts';

/** Who is told, and asked. */
type Tellable = Pick<Crew, 'hands' | 'tell' | 'tellMs'>;

/** Mounts `POST /purge`. */
export function purgeRoute(app: Express, crew: Tellable): void {
  app.post('/purge', async (request, response) => {
    const reading = readPurge(request.body);
    if (reading.verdict === 'bad') return refusePurge(response, reading);
    const { orders, isBatch } = reading;
    const what: Elsewhere = { do: 'purge', orders };
    const { answers, missing } = await crew.tell(what);
    if (missing.length > 0) return notEverywhere(response, crew, missing);
    const results = purgedTogether(answers, orders.length);
    if (!isBatch) return void response.json(results[0]);
    response.json({ purged: results.reduce((sum, { purged }) => sum + purged, 0), results });
  });
}

/** For each order, what all workers took; nothing where none is there to hold anything. */
export function purgedTogether(answers: readonly unknown[], orders: number): Purged[] {
  const nothing: Purged[] = Array.from({ length: orders }, () => ({ purged: 0 }));
  return byPlace()([nothing, ...answers]) as Purged[];
}

/** Mounts `POST /ban` and `GET /bans`. A ban has one number and one instant in all workers. */
export function banRoutes(app: Express, crew: Tellable): void {
  let newest = 0;
  app.post('/ban', async (request, response) => {
    const order = readBan(request.body);
    if ('error' in order) return void response.status(400).json(order);
    if (order.dryRun) return await fanOut(crew, request, response, { merge: { dryRun: 'first' } });
    newest += 1;
    const id = newest;
    const { text: expression } = order.ban;
    const what: Elsewhere = { do: 'ban', expression, id, addedAt: Date.now() };
    const { answers, missing } = await crew.tell(what);
    if (missing.length > 0) return notEverywhere(response, crew, missing);
    const told = answers as BanTold[];
    const full = told.find((one) => one.verdict === 'full');
    if (full !== undefined) return void response.status(503).json({ error: full.why });
    const all = merged(told, { superseded: 'or', inForce: 'max' });
    const { superseded = false, inForce = 0 } = isRecord(all) ? all : {};
    response.json({ banned: true, id, expression, superseded, inForce });
  });
  app.get('/bans', (request, response) => fanOut(crew, request, response, { merge: bansTogether, isOfAll: true }));
}

/** The lists of all workers as one, newest first: a ban is done when it is done in every worker that has it. */
export function bansTogether(lists: readonly unknown[]): unknown[] {
  const bans = byName('id', { id: 'first', needsRequest: 'first', completed: 'and' })(lists).filter(isRecord);
  return bans
    .map((ban) => ({ ...ban, ended: ban.completed === true ? ban.ended : null }))
    .sort((a, b) => Number('id' in b ? b.id : 0) - Number('id' in a ? a.id : 0));
}

function notEverywhere(response: Response, { tellMs }: Tellable, missing: readonly number[]): void {
  const who = `worker${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`;
  response.status(503).set('Retry-After', '1');
  response.json({
    error: `${who} did not confirm it within ${tellMs}ms; what is asked again is carried out again`,
  });
}
