/**
 * The places where origins are: one upstream for each name, kept from one policy to the next, so that connections, health
 * and queues survive a reload. One that a policy no longer has goes when the last request that may still name it is over.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '@trivet/kit/process/log.ts';
import type { Address } from '@trivet/kit/process/units.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Outbound, ResponseSink, Sending, UpstreamOptions } from '@trivet/kit/upstream/upstream.ts';
import type { BackendOptions, BackendPlan } from './backend-plan.ts';
import { CountedSink, type Teller } from './counted-sink.ts';

/** A request, and where it is to go; without a name, to `default`. */
export type RoutedOutbound = Outbound & {
  readonly backend?: string;
  /** What the balance `hash` spreads by. */
  readonly hashKey?: string;
};

/** What of an upstream is needed here. */
export type BackendUpstream = AsyncDisposable & {
  send(outbound: Outbound, sink: ResponseSink): Sending;
  stats(): object;
  groupStats(): object;
  /** Is there a member that is neither sick nor ejected? */
  readonly isHealthy: boolean;
  /** Takes other options, and keeps what it can: connections and health of addresses that stay. */
  reconfigure(options: UpstreamOptions): void;
  /** Where to open a connection that is no request, the best place first. */
  endpoints(): readonly Address[];
};

export type BackendParts = {
  open(options: BackendOptions): BackendUpstream;
  /** What an upstream is told beside what the policy and the settings say: whom it tells of its health. */
  beside?(name: string): Partial<BackendOptions>;
  readonly log: Log;
};

type Backend = Teller & {
  readonly name: string;
  readonly upstream: BackendUpstream;
  options: BackendOptions;
  /** Sent, and not over. */
  requests: number;
};

export class Backends implements AsyncDisposable {
  readonly #parts: BackendParts;
  readonly #byName = new Map<string, Backend>();
  /** No policy in force has them; requests that began under an older one may. */
  readonly #leaving = new Set<Backend>();
  /** Policies that are no longer in force and still have requests. */
  #older = 0;

  constructor(plan: BackendPlan, parts: BackendParts) {
    this.#parts = parts;
    for (const [name, options] of plan) this.#byName.set(name, this.#opened(name, options));
  }

  /** Sends a request to the backend that it names. */
  send(outbound: RoutedOutbound, sink: ResponseSink): Sending {
    const backend = this.#for(outbound.backend ?? 'default');
    if (backend === undefined) {
      sink.onFault(unknown(outbound.backend));
      return { resume: () => undefined, abort: () => undefined };
    }
    backend.requests += 1;
    const counted = new CountedSink(sink, backend);
    return counted.sent(backend.upstream.send(outbound, counted));
  }

  /** Where to open a connection that is no request. @throws Fault when there is no such backend */
  endpoints(name = 'default'): readonly Address[] {
    const backend = this.#for(name);
    if (backend === undefined) throw unknown(name);
    return backend.upstream.endpoints();
  }

  /** May a request to it be answered? Of one that there is not nobody knows. */
  isHealthy(name = 'default'): boolean {
    return this.#for(name)?.upstream.isHealthy ?? true;
  }

  /**
   * Puts the backends of a newer policy in force. Returns what is to be called once no request goes by the older policy
   * any more: those that only it had go then.
   */
  reconfigure(plan: BackendPlan): () => void {
    for (const [name, options] of plan) this.#byName.set(name, this.#changed(name, options));
    for (const [name, backend] of this.#byName) {
      if (plan.has(name)) continue;
      this.#byName.delete(name);
      this.#leaving.add(backend);
    }
    this.#older += 1;
    return () => {
      this.#older -= 1;
      this.#sweep();
    };
  }

  /** By name; `leaving` are those that wait for their last requests. */
  stats(): object {
    const inForce = [...this.#byName].map(([name, { upstream }]) => [name, upstream.stats()] as const);
    const leaving = [...this.#leaving].map(({ name, requests }) => ({ name, requests }));
    return { ...Object.fromEntries(inForce), ...(leaving.length === 0 ? {} : { leaving }) };
  }

  /** What each upstream counts of all its members together: who waits, what was tried again. */
  groupStats(): object {
    const all = [...this.#byName].map(([name, { upstream }]) => [name, upstream.groupStats()] as const);
    return Object.fromEntries(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#byName.values(), ...this.#leaving];
    this.#byName.clear();
    this.#leaving.clear();
    await Promise.all(all.map(({ upstream }) => upstream[Symbol.asyncDispose]()));
  }

  #for(name: string): Backend | undefined {
    return this.#byName.get(name) ?? [...this.#leaving].findLast((leaving) => leaving.name === name);
  }

  #opened(name: string, options: BackendOptions): Backend {
    const upstream = this.#parts.open(this.#dressed(name, options));
    const backend: Backend = {
      name,
      upstream,
      options,
      requests: 0,
      requestOver: () => {
        backend.requests -= 1;
        this.#sweep();
      },
    };
    return backend;
  }

  /** The backend of that name with these options: the one that is there, changed; one that was leaving; or a new one. */
  #changed(name: string, options: BackendOptions): Backend {
    const old = this.#for(name);
    if (old === undefined) return this.#opened(name, options);
    if (isDeepStrictEqual(old.options, options)) {
      this.#leaving.delete(old);
      return old;
    }
    old.upstream.reconfigure(this.#dressed(name, options));
    this.#leaving.delete(old);
    old.options = options;
    return old;
  }

  #dressed(name: string, options: BackendOptions): BackendOptions {
    // A fetch that failed is for stale answers and the policy; what a reused connection lost is sent again all the same.
    return { retries: 0, ...options, ...this.#parts.beside?.(name) };
  }

  #sweep(): void {
    if (this.#leaving.size === 0 || this.#older > 0) return;
    for (const backend of this.#leaving) {
      if (backend.requests > 0) continue;
      this.#leaving.delete(backend);
      void this.#close(backend);
    }
  }

  async #close({ name, upstream }: Backend): Promise<void> {
    try {
      await upstream[Symbol.asyncDispose]();
    } catch (error) {
      this.#parts.log.error({ err: error, backend: name }, 'a backend that is no longer needed does not close');
    }
  }
}

function unknown(name: string | undefined): Fault {
  return new Fault('internal', `there is no backend ${name}`, { status: 503 });
}
