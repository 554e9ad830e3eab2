/** Holds one answer, as a client got it, against the model: its bytes, its head, and what it says of its way. */
import type { Whole } from './client.ts';
import { type Asked, bodyOf, etagOf, type Given, type Model } from './model.ts';

export type Answered = {
  readonly asked: Asked;
  readonly range: string;
  readonly validator: string | undefined;
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
  const etag = etagOf(given.version, given.request.language);
  if (header('etag') !== undefined && header('etag') !== etag) return 'the tag is of another version';
  const whole = bodyOf(given.version, given.request.language);
  const isRight = forms[status]?.(answered, answer, whole) ?? false;
  return isRight ? undefined : `it is no ${status} for this page`;
}

type Check = (answered: Answered, answer: Whole, whole: string) => boolean;

const forms: Readonly<Record<number, Check>> = {
  200: ({ asked }, { body, header }, whole) =>
    body === (asked.method === 'HEAD' ? '' : whole) &&
    Number(header('content-length') ?? whole.length) === whole.length,
  206: ({ range }, { body, header }, whole) => range !== '' && body === part(whole, header('content-range')),
  304: ({ validator }, { header }) => validator !== undefined && validator === header('etag'),
  416: (_, { header }, whole) => header('content-range') === `bytes */${whole.length}`,
};

/** The bytes that a Content-Range speaks of; undefined when it does not speak of this body. */
function part(whole: string, contentRange: string | undefined): string | undefined {
  const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? [];
  return Number(length) === whole.length ? whole.slice(Number(first), Number(last) + 1) : undefined;
}

function wrongAge(model: Model, { asked, now }: Answered, answer: Whole, given: Given): string | undefined {
  const age = answer.header('age');
  if (age === undefined) return given.request.client === asked.client ? undefined : 'a shared answer without Age';
  // It has aged since the edge began to ask for it.
  const oldest = Math.floor((now - (model.askedAt.get(given.request.client) ?? given.at)) / 1000);
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
