/**
 * Runs one exchange: calls the application, hands each block on before it asks for the next, ends, fails, and closes what
 * the application returned exactly once. Owns the order of things; what goes out on the wire is Delivery's.
 */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Application, Environ } from '../wsgi.ts';
import { BodyCursor, isPromiseLike } from './body-cursor.ts';
import { Delivery, type Outlet } from './delivery.ts';
import type { Interruption } from './interruption.ts';
import { WsgiViolation } from './wsgi-violation.ts';

export type Exchange = {
  readonly outlet: Outlet;
  readonly interruption: Interruption;
  complain(problem: string, error?: unknown): void;
};

/** Answers one request by the application. Never rejects: what breaks is told to the outlet, or to the log. */
export async function respond(application: Application, environ: Environ, exchange: Exchange): Promise<void> {
  const { outlet, interruption, complain } = exchange;
  const room = () => interruption.wait(outlet.ready()).catch(() => undefined);
  // Read now: the environ is the application's to change.
  const delivery = new Delivery({ method: environ.REQUEST_METHOD, outlet, room, complain });
  let cursor: BodyCursor | undefined;
  try {
    cursor = await call(application, environ, delivery, exchange);
    await deliver(cursor, delivery, exchange);
    delivery.finish();
  } catch (error) {
    outlet.fail(faultOf(error));
  } finally {
    delivery.end();
  }
  await close(cursor, exchange);
}

async function call(
  application: Application,
  environ: Environ,
  { startResponse }: Delivery,
  exchange: Exchange,
): Promise<BodyCursor> {
  const result = application(environ, startResponse);
  if (!isPromiseLike(result)) return new BodyCursor(result);
  try {
    return new BodyCursor(await exchange.interruption.wait(result));
  } catch (error) {
    // The application goes on without a listener; what it returns in the end wants to be closed all the same.
    if (exchange.interruption.cause) void closeLate(result, exchange);
    throw error;
  }
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

async function deliver(cursor: BodyCursor, delivery: Delivery, { outlet, interruption }: Exchange): Promise<void> {
  const { blocks } = cursor;
  if (blocks) return delivery.blocks(blocks);
  while (!delivery.isFull) {
    const next = cursor.next();
    const step = isPromiseLike(next) ? await interruption.wait(next) : next;
    if (step.done) return;
    delivery.block(step.value);
    // Also after an empty block: a generator that never waits must not keep the event loop from everybody else.
    await interruption.wait(outlet.ready());
  }
}

async function close(cursor: BodyCursor | undefined, { complain }: Exchange): Promise<void> {
  try {
    await cursor?.close();
  } catch (error) {
    complain('closing the body of the answer failed', error);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof WsgiViolation ? 'the application broke the rules of WSGI' : 'the application failed';
  return new Fault('internal', message, { cause: error });
}
