/**
 * Runs one exchange: calls the application, hands each block on before it asks for the next, ends, fails, and closes what
 * the application returned exactly once. Owns the order of things; what goes out on the wire is Delivery's.
 */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Application, Environ } from '../wsgi.ts';
import { type AnyStep, BodyCursor, isPromiseLike } from './body-cursor.ts';
import { deliverFile } from './deliver-file.ts';
import { Delivery } from './delivery.ts';
import type { Interruption } from './interruption.ts';
import type { Outlet } from './outlet.ts';
import { WsgiViolation } from './wsgi-violation.ts';

export type Exchange = {
  readonly outlet: Outlet;
  readonly interruption: Interruption;
  complain(problem: string, error?: unknown): void;
};

type Course = { readonly delivery: Delivery; readonly exchange: Exchange; cursor: BodyCursor | undefined };

/**
 * Answers one request by the application, at once as far as nothing has to be waited for; undefined when that was all.
 * Never throws or rejects: what breaks is told to the outlet, or to the log.
 */
export function respond(application: Application, environ: Environ, exchange: Exchange): Promise<void> | undefined {
  const { outlet, interruption, complain } = exchange;
  const room = async () => {
    await interruption.wait(Promise.resolve(outlet.ready())).catch(() => undefined);
  };
  // Read now: the environ is the application's to change.
  const delivery = new Delivery({ method: environ.REQUEST_METHOD, outlet, room, complain });
  const course: Course = { delivery, exchange, cursor: undefined };
  try {
    const work = begin(application(environ, delivery.startResponse), course);
    if (work !== undefined) return finishLater(work, course);
    delivery.finish();
  } catch (error) {
    outlet.fail(faultOf(error));
  }
  return conclude(course);
}

async function finishLater(work: Promise<void>, course: Course): Promise<void> {
  try {
    await work;
    course.delivery.finish();
  } catch (error) {
    course.exchange.outlet.fail(faultOf(error));
  }
  await conclude(course);
}

function conclude({ delivery, cursor, exchange }: Course): Promise<void> | undefined {
  delivery.end();
  return cursor && close(cursor, exchange);
}

function begin(result: unknown, course: Course): Promise<void> | undefined {
  if (isPromiseLike(result)) return awaitBody(result, course);
  const cursor = new BodyCursor(result);
  course.cursor = cursor;
  return deliver(cursor, course);
}

async function awaitBody(result: PromiseLike<unknown>, course: Course): Promise<void> {
  const { exchange } = course;
  let cursor: BodyCursor;
  try {
    cursor = new BodyCursor(await exchange.interruption.wait(result));
  } catch (error) {
    // The application goes on without a listener; what it returns in the end wants to be closed all the same.
    if (exchange.interruption.cause) void closeLate(result, exchange);
    throw error;
  }
  course.cursor = cursor;
  await deliver(cursor, course);
}

async function closeLate(result: PromiseLike<unknown>, exchange: Exchange): Promise<void> {
  try {
    await close(new BodyCursor(await result), exchange);
  } catch (error) {
    const isAnswerToAbort =
      error === exchange.interruption.cause || (error instanceof Error && error.name === 'AbortError');
    if (!isAnswerToAbort) exchange.complain('the application failed after its exchange was over', error);
  }
}

function deliver(cursor: BodyCursor, { delivery, exchange }: Course): Promise<void> | undefined {
  const { blocks } = cursor;
  if (blocks) {
    delivery.blocks(blocks);
    return undefined;
  }
  const sent = deliverFile(cursor.file, delivery, exchange);
  if (sent !== undefined) return sent;
  while (!delivery.isFull) {
    const next = cursor.next();
    if (isPromiseLike(next)) return deliverLater(cursor, { delivery, exchange }, next);
    if (next.done) return undefined;
    delivery.block(next.value);
    // Also after an empty block: a generator that never waits must not keep the event loop from everybody else.
    const room = exchange.outlet.ready();
    if (room !== undefined) return deliverLater(cursor, { delivery, exchange }, room.then(nothingYet));
  }
  return undefined;
}

const nothingYet = () => undefined;

/** Goes on from where a step, or room for one, has to be waited for. */
async function deliverLater(
  cursor: BodyCursor,
  { delivery, exchange }: Omit<Course, 'cursor'>,
  waited: PromiseLike<AnyStep | undefined>,
): Promise<void> {
  const { outlet, interruption } = exchange;
  let step = await interruption.wait(waited);
  while (step?.done !== true) {
    if (step !== undefined) delivery.block(step.value);
    const room = step && outlet.ready();
    if (room !== undefined) await interruption.wait(room);
    if (delivery.isFull) return;
    const next = cursor.next();
    step = isPromiseLike(next) ? await interruption.wait(next) : next;
  }
}

function close(cursor: BodyCursor, { complain }: Exchange): Promise<void> | undefined {
  const failed = (error: unknown) => complain('closing the body of the answer failed', error);
  try {
    return cursor.close()?.catch(failed);
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof WsgiViolation ? 'the application broke the rules of WSGI' : 'the application failed';
  return new Fault('internal', message, { cause: error });
}
