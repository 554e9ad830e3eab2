import type { Body } from '../wsgi.ts';
import { fileSourceOf } from './file-source.ts';
import { WsgiViolation } from './wsgi-violation.ts';

type AnyIterator = Iterator<unknown, unknown, undefined> | AsyncIterator<unknown, unknown, undefined>;
export type AnyStep = IteratorResult<unknown, unknown>;

/**
 * What an application returned, read block by block and closed exactly once. PEP 3333: `close` is called however the
 * exchange ends. JavaScript finalises no generator that is left half-way, so an unfinished one is returned from as well.
 */
export class BodyCursor {
  readonly #body: Body;
  #iterator: AnyIterator | undefined;
  #isFinished = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** Throws what is wrong with a body that is none. */
  constructor(body: unknown) {
    const why = notABody(body);
    if (why !== undefined) throw new WsgiViolation(`the application returned ${why} instead of an iterable of blocks`);
    this.#body = body as Body;
  }

  /** All blocks, when the application made them beforehand. */
  get blocks(): readonly unknown[] | undefined {
    return Array.isArray(this.#body) ? this.#body : undefined;
  }

  /** Where the blocks could be read from, when they lie in a file. */
  get file(): ReturnType<typeof fileSourceOf> {
    return fileSourceOf(this.#body);
  }

  next(): AnyStep | PromiseLike<AnyStep> {
    try {
      this.#iterator ??= iteratorOf(this.#body);
      const step = this.#iterator.next();
      return isPromiseLike(step) ? step.then(this.#took, this.#threw) : this.#took(step);
    } catch (error) {
      return this.#threw(error);
    }
  }

  /** Throws, or rejects with, what `close` or a `finally` of the application threw; undefined when all is done. */
  close(): Promise<void> | undefined {
    if (this.#isClosed) return this.#closing;
    this.#isClosed = true;
    const iterator = this.#isFinished ? undefined : this.#iterator;
    const body = this.#body;
    if (iterator?.return === undefined && body.close === undefined) return undefined;
    // Both are begun before either is awaited: a generator that waits for something that never comes delays its return.
    const steps = [attempt(() => iterator?.return?.()), attempt(() => body.close?.())];
    const failed = steps.find((step) => step.failure !== undefined);
    const waiting = steps.flatMap(({ waited }) => waited ?? []);
    this.#closing = waiting.length > 0 ? settle(waiting, failed) : undefined;
    if (this.#closing === undefined && failed?.failure) throw failed.failure.error;
    return this.#closing;
  }

  readonly #took = (step: AnyStep): AnyStep => {
    this.#isFinished = step.done === true;
    return step;
  };

  readonly #threw = (error: unknown): never => {
    this.#isFinished = true;
    throw error;
  };
}

type Attempt = { readonly waited?: PromiseLike<unknown>; readonly failure?: { readonly error: unknown } };

function attempt(step: () => unknown): Attempt {
  try {
    const result = step();
    return isPromiseLike(result) ? { waited: result } : {};
  } catch (error) {
    return { failure: { error } };
  }
}

async function settle(waiting: readonly PromiseLike<unknown>[], before: Attempt | undefined): Promise<void> {
  const failed = (await Promise.allSettled(waiting)).find((step) => step.status === 'rejected');
  if (before?.failure) throw before.failure.error;
  if (failed) throw failed.reason;
}

export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function iteratorOf(body: Body): AnyIterator {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
}

/** Strings and byte arrays are iterable too, character by character and number by number: a body of neither. */
function notABody(body: unknown): string | undefined {
  if (typeof body === 'string') return 'a string';
  if (body instanceof Uint8Array) return 'bare bytes';
  if (typeof body !== 'object' && typeof body !== 'function') return String(body);
  if (body === null) return 'null';
  return Symbol.asyncIterator in body || Symbol.iterator in body ? undefined : 'an object that is not iterable';
}
