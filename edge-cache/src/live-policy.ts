/**
 * The policy while the edge runs: loaded anew when its file changes, at SIGHUP, or when the admin API is told to. An
 * exchange keeps the rules that it began with, its fetch included; the store, what is known to be uncacheable, and the
 * backends' connections and health stay as they are.
 */
import { LiveFile, type Reloaded } from '@trivet/kit/process/live-file.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { watchFile } from '@trivet/kit/process/watch-file.ts';
import type { BackendSettings } from './backend-plan.ts';
import type { Backends } from './backends.ts';
import { type ReadyPolicy, readPolicy } from './load-policy.ts';
import type { Edge } from './machine/edge.ts';
import type { Rules } from './rules.ts';

export type PolicyParts = {
  /** What the path of the file is relative to. */
  readonly base: string;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  clock(): number;
};

export class LivePolicy {
  readonly #file: LiveFile<ReadyPolicy>;
  readonly #log: Log;
  /** No longer in force, and still gone by; with their versions. */
  readonly #older = new Map<Rules, number>();

  private constructor(file: LiveFile<ReadyPolicy>, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** Loads the first version. @throws StartProblem */
  static async open(
    settings: BackendSettings & { readonly policy: string },
    { base, log, clock }: PolicyParts,
  ): Promise<LivePolicy> {
    const file = await LiveFile.open({
      path: settings.policy,
      base,
      name: 'default',
      setting: 'EDGE_POLICY',
      log,
      clock,
      read: (given) => readPolicy(given, settings),
    });
    return new LivePolicy(file, log);
  }

  /** What is in force. */
  get value(): ReadyPolicy {
    return this.#file.value;
  }

  /** From now on each newer version is put in force; with `watch`, as soon as it is written. Ends when disposed. */
  follow(edge: Edge, backends: Backends, watch: boolean): Disposable {
    this.#file.follow((next) => {
      const { version } = this.#file;
      const old = edge.rules;
      putInForce(next, edge, backends, () => this.#older.delete(old));
      if (old.users > 0) this.#older.set(old, version);
    });
    return watch ? watchFile(this.#file, { log: this.#log }) : { [Symbol.dispose]: () => undefined };
  }

  get version(): number {
    return this.#file.version;
  }

  /** How many versions were refused. */
  get failures(): number {
    return this.#file.failures;
  }

  /** Loads the file as it is now; one that cannot be put in force changes nothing. */
  reload(): Promise<Reloaded> {
    return this.#file.reload();
  }

  /** For the admin API: what is in force, since when, and which older versions still have requests. */
  state(): object {
    const older = [...this.#older].map(([rules, version]) => ({ version, requests: rules.users }));
    return { ...this.#file.state(), requests: this.value.rules.users, older };
  }
}

/** Exchanges that begin from now on go by this policy. `onUnused`: none goes by the one before any more. */
export function putInForce(
  { rules, plan }: ReadyPolicy,
  edge: Edge,
  backends: Backends,
  onUnused: () => void = () => undefined,
): void {
  const old = edge.rules;
  const release = backends.reconfigure(plan);
  rules.succeed(old);
  edge.rules = rules;
  old.retire(() => {
    release();
    onUnused();
  });
}
