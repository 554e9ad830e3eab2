/** What Python says in JSON: lines of the fork server, frames of a worker's control connection. Pure: untrusted text in. */
import { z } from 'zod';

/** Why something in Python did not start, and the exit code that this means: 78 when the user is to blame. */
export type Failure = { readonly problems: readonly string[]; readonly code: number };

/** How a worker ended. */
export type WorkerEnd = { readonly code: number | null; readonly signal: string | null };

export type FromForkServer =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'failed' } & Failure)
  | { readonly kind: 'forked'; readonly id: number; readonly pid: number }
  | ({ readonly kind: 'exited'; readonly id: number } & WorkerEnd);

const whole = z.number().int().min(0);
const failure = z.object({ problems: z.array(z.string()).min(1), code: whole.max(255) });

const fromForkServer = z.union([
  z.object({ ready: z.literal(true) }).transform(() => ({ kind: 'ready' }) as const),
  z.object({ failed: failure }).transform(({ failed }) => ({ kind: 'failed', ...failed }) as const),
  z
    .object({ forked: whole, pid: whole.min(1) })
    .transform(({ forked, pid }) => ({ kind: 'forked', id: forked, pid }) as const),
  z
    .object({ exited: whole, code: whole.nullable(), signal: z.string().nullable() })
    .transform(({ exited, code, signal }) => ({ kind: 'exited', id: exited, code, signal }) as const),
]);

const hello = z.object({
  token: z.string(),
  worker: whole,
  is: z.enum(['slot', 'control', 'stdout', 'stderr']),
});

const pong = z.object({ rss: whole.optional() });

/** What a connection says that it is. */
export type Hello = z.infer<typeof hello>;

/** A line of the fork server; undefined when it is none of those that there are. */
export function readTold(text: string): FromForkServer | undefined {
  return fromForkServer.safeParse(parsed(text)).data;
}

export function readHello(text: string): Hello | undefined {
  return hello.safeParse(parsed(text)).data;
}

/** Why a worker did not start. */
export function readFailure(text: string): Failure {
  return failure.safeParse(parsed(text)).data ?? { problems: ['it does not say why'], code: 1 };
}

/** The bytes of memory that a worker says it has, where it says so. */
export function readPong(text: string): number | undefined {
  return pong.safeParse(parsed(text)).data?.rss;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
