/** The routes for an operator who watches: `GET /log`, `GET /top`, `GET /varnishstat`. */
import type { Express, Request, Response } from 'express';
import type { Edge } from '../machine/edge.ts';
import { readFilter } from '../policy/log-filter.ts';
import { type Measure, measures } from './top-urls.ts';
import { varnishstat } from './varnish-counters.ts';

const MOST_EVENTS = 1_000_000;
const MOST_URLS = 1000;

/** What is wrong with one parameter of a query. */
type Mistake = { readonly error: string; readonly parameter: string; readonly column?: number };

/** Mounts them. */
export function watchRoutes(app: Express, edge: Edge): void {
  app.get('/log', (request, response) => log(edge, request, response));
  app.get('/top', (request, response) => top(edge, request, response));
  app.get('/varnishstat', (_request, response) => void response.json(varnishstat({ edge })));
}

function log(edge: Edge, request: Request, response: Response): void {
  const query = queryOf(request);
  const mistake = unknown(query, ['filter', 'limit']);
  if (mistake !== undefined) return refuse(response, mistake);
  const filter = query.get('filter');
  const reading = filter === null ? undefined : readFilter(filter);
  if (reading?.verdict === 'bad') {
    const { why, column } = reading;
    return refuse(response, { error: `"filter", column ${column}: ${why}`, parameter: 'filter', column });
  }
  const limit = readLimit(query, Number.POSITIVE_INFINITY, MOST_EVENTS);
  if (typeof limit === 'object') return refuse(response, limit);
  const { refusal } = edge.watch.log;
  if (refusal !== undefined) return void response.status(503).json({ error: refusal });
  // Express answers HEAD with the handler of GET; there is nothing that would end it.
  if (request.method === 'HEAD') return void response.type('text/event-stream').end();
  edge.watch.log.listen(response, { matches: reading?.matches, limit });
}

function top(edge: Edge, request: Request, response: Response): void {
  const query = queryOf(request);
  const mistake = unknown(query, ['by', 'limit']);
  if (mistake !== undefined) return refuse(response, mistake);
  const by = measures.find((measure) => measure === (query.get('by') ?? 'misses'));
  if (by === undefined)
    return refuse(response, { error: `"by" must be one of ${measures.join(', ')}`, parameter: 'by' });
  const limit = readLimit(query, 20, MOST_URLS);
  if (typeof limit === 'object') return refuse(response, limit);
  response.json(edge.watch.top.top(by, limit));
}

/** The first few by each measure, for `/stats`. */
export function topFew({ watch }: Edge): Readonly<Record<Measure, object>> {
  const few = (by: Measure) => watch.top.top(by, 5).urls;
  return { misses: few('misses'), hits: few('hits'), bytes: few('bytes') };
}

/** The query of a request. */
export function queryOf({ originalUrl }: Request): URLSearchParams {
  return new URL(originalUrl, 'http://admin').searchParams;
}

function readLimit(query: URLSearchParams, fallback: number, most: number): number | Mistake {
  const given = query.get('limit');
  if (given === null) return fallback;
  const limit = /^\d{1,7}$/.test(given) ? Number(given) : 0;
  if (limit >= 1 && limit <= most) return limit;
  return { error: `"limit" must be a number from 1 to ${most}`, parameter: 'limit' };
}

/** A parameter that nobody reads is a mistake that would go unnoticed. */
export function unknown(query: URLSearchParams, known: readonly string[]): Mistake | undefined {
  const name = [...query.keys()].find((name) => !known.includes(name));
  if (name === undefined) return undefined;
  return { error: `there is no parameter "${name}"; there are ${known.join(', ')}`, parameter: name };
}

function refuse(response: Response, mistake: Mistake): void {
  response.status(400).json(mistake);
}
