import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { Input } from '../gateway/input.ts';
import { Interruption } from '../gateway/interruption.ts';
import type { OutgoingHead, Outlet } from '../gateway/outlet.ts';
import { respond } from '../gateway/respond.ts';
import type { Application, Environ } from '../wsgi.ts';

/** What came out at the client's side of an exchange, in order; blocks as latin-1 text. */
export type OutletEvent =
  | { readonly head: string; readonly fields: readonly string[] }
  | { readonly block: string }
  | { readonly end: true }
  | { readonly fail: Fault };

/** An outlet that keeps what it is given. With `hold` it has no room until `release` is called, once per block. */
export class RecordingOutlet implements Outlet {
  readonly events: OutletEvent[] = [];
  #held: (() => void) | undefined;
  readonly #hold: boolean;

  constructor(hold = false) {
    this.#hold = hold;
  }

  head({ status, reason, fields }: OutgoingHead): void {
    this.events.push({ head: `${status} ${reason}`, fields });
  }

  write(block: Uint8Array): void {
    this.events.push({ block: Buffer.from(block).toString('latin1') });
  }

  flush(): void {
    // What comes is kept as it comes.
  }

  ready(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#hold) this.#held = resolve;
    else setImmediate(resolve);
    return promise;
  }

  end(): void {
    this.events.push({ end: true });
  }

  fail(fault: Fault): void {
    this.events.push({ fail: fault });
  }

  /** Room for one block more. */
  release(): void {
    this.#held?.();
  }
}

/** An environ as the gateway makes them, for a GET of `/` unless told otherwise. */
export function anEnviron(differences: Partial<Environ> = {}, body: Uint8Array = new Uint8Array()): Environ {
  const target = differences.PATH_INFO ?? '/';
  return Object.assign(Object.create(null), {
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: target,
    QUERY_STRING: '',
    SERVER_NAME: '127.0.0.1',
    SERVER_PORT: '8000',
    SERVER_PROTOCOL: 'HTTP/1.1',
    HTTP_HOST: '127.0.0.1:8080',
    REMOTE_ADDR: '127.0.0.1',
    RAW_URI: target,
    REQUEST_URI: target,
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': 'http',
    'wsgi.input': new Input({ open: () => chunksOf([body]), length: body.length }),
    'wsgi.errors': { write: () => undefined, writelines: () => undefined, flush: () => undefined },
    'wsgi.multithread': false,
    'wsgi.multiprocess': false,
    'wsgi.run_once': false,
    'wsgi.input_terminated': true,
    ...differences,
  });
}

/** What a body arrives as: chunk by chunk. */
export async function* chunksOf(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  yield* chunks;
  return undefined;
}

export type Run = {
  readonly events: readonly OutletEvent[];
  readonly problems: readonly string[];
  readonly outlet: RecordingOutlet;
  readonly interruption: Interruption;
  readonly done: Promise<void>;
};

/** Begins an exchange without any socket; await `done` for its end. */
export function begin(application: Application, differences: Partial<Environ> = {}, hold = false): Run {
  const outlet = new RecordingOutlet(hold);
  const interruption = new Interruption();
  const problems: string[] = [];
  const complain = (problem: string) => void problems.push(problem);
  const done = Promise.resolve(respond(application, anEnviron(differences), { outlet, interruption, complain }));
  return { events: outlet.events, problems, outlet, interruption, done };
}

/** Runs an exchange to its end. */
export async function run(application: Application, differences: Partial<Environ> = {}): Promise<Run> {
  const exchange = begin(application, differences);
  await exchange.done;
  return exchange;
}

/** The events in a few words: `200 OK`, `block 5`, `end`, `fail internal: why`. */
export function told(events: readonly OutletEvent[]): string[] {
  return events.map((event) => {
    if ('head' in event) return event.head;
    if ('block' in event) return `block ${JSON.stringify(event.block)}`;
    return 'end' in event ? 'end' : `fail ${event.fail.reason}`;
  });
}

/** Status, headers by lower-case name, and text of what an application answers. */
export async function answerOf(application: Application, differences: Partial<Environ> = {}, body?: Uint8Array) {
  const outlet = new RecordingOutlet();
  const environ = anEnviron(differences, body);
  await respond(application, environ, { outlet, interruption: new Interruption(), complain: () => undefined });
  const head = outlet.events.find((event) => 'head' in event);
  const fields = head?.fields ?? [];
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) headers[fields[i]?.toLowerCase() ?? ''] = fields[i + 1] ?? '';
  const text = outlet.events.map((event) => ('block' in event ? event.block : '')).join('');
  const failure = outlet.events.find((event) => 'fail' in event)?.fail;
  return { status: head?.head, headers, text, failure };
}
