/** Holds one answer, as a client got it, against the model: its bytes, its head, and what it says of its way. */
import type { Whole } from './client.ts';
import { type Asked, bodyOf, etagOf, type Given, type Model } from './model.ts';
import type { Conditions, Get } from './model-actions.ts';
import { contentOf, isPart, isUnsatisfiable } from './model-content.ts';

export type Answered = {
  readonly asked: Asked;
  readonly get: Get;
  readonly conditions: Conditions;
  /** Undefined when the transfer broke off. */
  readonly answer: Whole | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** What is wrong with an answer; undefined when the model allows it. */
export function complaint(model: Model, answered: Answered): string | undefined {
  const { asked, answer } = answered;
  const hasFailed = model.hasFailedSince(asked.url, asked.order);
  if (answer === undefined) return hasFailed ? undefined : 'it broke off, and the origin had not failed';
  if (answer.header('x-serial') === undefined) return ownAnswer(model, answered, answer);
  const given = model.given[Number(answer.header('x-serial')) - 1];
  if (given === undefined) return 'the origin gave no such answer';
  return (
    model.objection(asked, given) ??
    wrongBytes(answered, answer, given) ??
    wrongAge(model, answered, answer, given) ??
    wrongWay(model, asked, answer)
  );
}

// The edge has answered by itself.
function ownAnswer(model: Model, { asked }: Answered, { status, header }: Whole): string | undefined {
  const isRefused = status === 504 && header('proxy-status') === undefined;
  if (isRefused && asked.directive === 'only-if-cached') {
    return wasAskedFor(model, asked) ? 'only-if-cached, and the origin was asked' : undefined;
  }
  if (status < 500) return `the edge made up a ${status}`;
  return model.hasFailedSince(asked.url, asked.order) ? undefined : `a ${status}, and the origin had not failed`;
}

function wrongBytes(answered: Answered, answer: Whole, given: Given): string | undefined {
  const { status, header } = answer;
  if (status >= 500) return given.status === status ? undefined : `${status} for a ${given.status}`;
  const coding = header('content-encoding');
  if (!tagsOf(given, status, coding).includes(header('etag'))) return `${header('etag')} is no tag of this version`;
  if (coding !== undefined && given.terms.cacheControl.includes('no-transform')) return 'it was not to be transformed';
  const whole = bodyOf(given.version, given.request.language);
  const isRight = forms[status]?.(answered, answer, whole) ?? false;
  return isRight ? undefined : `it is no ${status} for this page`;
}

// What is compressed has other bytes; a 304 does not tell of which it speaks.
function tagsOf({ version, request }: Given, status: number, coding: string | undefined): (string | undefined)[] {
  const etag = etagOf(version, request.language);
  const weak = status === 304 || coding !== undefined ? [`W/${etag}`] : [];
  return coding === undefined ? [undefined, etag, ...weak] : [undefined, ...weak];
}

type Check = (answered: Answered, answer: Whole, whole: string) => boolean;

const forms: Readonly<Record<number, Check>> = {
  200: ({ asked, get }, answer, whole) =>
    (asked.method === 'HEAD' ? answer.body === '' : contentOf(answer, get.accepts) === whole) &&
    hasRightLength(asked, answer, whole),
  206: ({ get, conditions }, answer, whole) =>
    isPart(answer, get.range, whole) && [undefined, answer.header('etag')].includes(conditions.ifRange),
  304: ({ conditions }, { header, body }) =>
    body === '' && isAmong(header('etag')?.replace(/^W\//, ''), conditions.validator),
  416: ({ get }, { header }, whole) =>
    isUnsatisfiable(get.range) && header('content-range') === `bytes */${whole.length}`,
};

function isAmong(tag: string | undefined, validator: string | undefined): boolean {
  return tag !== undefined && (validator ?? '').includes(tag);
}

// Of what is compressed a HEAD may know the length or not; a GET has it.
function hasRightLength({ method }: Asked, { header, bytes }: Whole, whole: string): boolean {
  const length = header('content-length');
  if (length === undefined || (method === 'HEAD' && header('content-encoding') !== undefined)) return true;
  return Number(length) === (method === 'HEAD' ? whole.length : bytes.length);
}

function wrongAge(model: Model, { asked, now }: Answered, answer: Whole, given: Given): string | undefined {
  const age = answer.header('age');
  if (age === undefined) return given.request.client === asked.client ? undefined : 'a shared answer without Age';
  // It has aged since the edge began to ask for it; put together, it is as old as the oldest part.
  const parts = model.given.filter(({ status, version }) => status === 206 && version.url === given.version.url);
  const beginnings = [given, ...parts].map(({ request, at }) => model.askedAt.get(request.client) ?? at);
  const oldest = Math.floor((now - Math.min(...beginnings)) / 1000);
  const youngest = Math.max(0, Math.floor((asked.at - given.at) / 1000));
  return Number(age) >= youngest && Number(age) <= oldest ? undefined : `Age ${age}, not ${youngest} to ${oldest}`;
}

function wrongWay(model: Model, asked: Asked, { cacheStatus }: Whole): string | undefined {
  const isRefreshed = cacheStatus.includes('stale-while-revalidate');
  const isHit = cacheStatus.startsWith('edge-cache; hit');
  // What was asked for may have been outdated on its way, so that the client was sent to look again.
  const wasSentBack = model.invalidations.some(({ order }) => order > asked.order);
  if (isHit && !isRefreshed && !wasSentBack && wasAskedFor(model, asked, [200]))
    return `"${cacheStatus}", and the origin was asked`;
  const isForward = cacheStatus.includes('fwd=') && !cacheStatus.includes('collapsed');
  if (isForward && !wasAskedFor(model, asked)) return `"${cacheStatus}", and the origin was not asked`;
  return undefined;
}

function wasAskedFor(model: Model, { client }: Asked, statuses?: readonly number[]): boolean {
  return model.given.some(({ request, status }) => request.client === client && (statuses?.includes(status) ?? true));
}
