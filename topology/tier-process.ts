/** One tier as a local process: started, watched, started again when it falls, stopped. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { parseLine } from '@trivet/kit/process/log-lines.ts';
import { restart } from '@trivet/kit/process/restart.ts';
import { nodeFlags, tunedEnvironment } from '@trivet/kit/process/tune.ts';
import { duration, longestMs } from '@trivet/kit/process/units.ts';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { type Environment, prefix, type Service } from './shapes.ts';

export type TierOutput = {
  line(tier: Tier, line: string): void;
  complaint(tier: Tier, line: string): void;
  event(tier: Tier, text: string): void;
};

/** Where a tier answers, as it announced it. */
export type Addresses = { readonly address: string; readonly admin: string };

/** A tier that ended before it listened; it has said why on standard error. */
export class TierFailed extends Error {
  readonly exitCode: number;

  constructor(tier: Tier, exitCode: number) {
    super(`${tier} did not start (exit code ${exitCode})`);
    this.name = 'TierFailed';
    this.exitCode = exitCode;
  }
}

const leastMs = 40_000;
const slackMs = 15_000;
/** Somebody is at the terminal, and mends what makes it fall. */
const longestDelayMs = 5_000;

/** How long a tier that was told to stop has before it is killed: beyond what it gives its requests itself. Milliseconds. */
export function killAfterMs(tier: Tier, inherited: Environment): number {
  const { data: gracefulMs = 0 } = duration.safeParse(inherited[`${prefix[tier]}_GRACEFUL_TIMEOUT`] ?? '');
  return Math.min(Math.max(leastMs, gracefulMs + slackMs), longestMs);
}

export class TierProcess {
  readonly service: Service;
  readonly #root: string;
  readonly #behind: string | undefined;
  readonly #inherited: Environment;
  readonly #output: TierOutput;
  #child: ChildProcess | undefined;
  #addresses: Addresses | undefined;
  #startedAt = 0;
  #quickFalls = 0;
  #isWanted = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    service: Service,
    options: {
      readonly root: string;
      readonly behind: string | undefined;
      readonly inherited: Environment;
      readonly output: TierOutput;
    },
  ) {
    this.service = service;
    this.#root = options.root;
    this.#behind = options.behind;
    this.#inherited = options.inherited;
    this.#output = options.output;
  }

  get addresses(): Addresses | undefined {
    return this.#addresses;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves once the tier accepts connections. @throws TierFailed */
  async start(): Promise<Addresses> {
    this.#isWanted = true;
    const { tier } = this.service;
    const child = fork(`${this.#root}/${this.service.main}`, [], {
      cwd: this.#root,
      env: tunedEnvironment(this.#environment(), homedir()) as NodeJS.ProcessEnv,
      execArgv: [...nodeFlags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A session of its own: Ctrl-C in the terminal reaches the launcher alone, which stops the tiers in order.
      detached: true,
    });
    this.#child = child;
    this.#startedAt = performance.now();
    // From the beginning: one that ends as soon as it listens may have ended before its line is read.
    const ended = Promise.withResolvers<[code: number | null, signal: NodeJS.Signals | null]>();
    child.once('exit', (...how) => ended.resolve(how));
    const listening = this.#listenTo(child);
    if (child.stderr) {
      createInterface({ input: child.stderr }).on('line', (line) => this.#output.complaint(tier, line));
    }
    // Not `exit`: that may come before the last lines of the pipes.
    const [addresses, code] = await Promise.race([
      listening.then((found) => [found, 0] as const),
      once(child, 'close').then(([exitCode]) => [undefined, Number(exitCode ?? 1)] as const),
    ]);
    if (addresses === undefined) throw new TierFailed(tier, code || 1);
    this.#addresses = addresses;
    void ended.promise.then(([exitCode, signal]) => this.#onExit(exitCode, signal));
    return addresses;
  }

  /** Lets what is in flight finish, then ends the process; resolves with its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    this.#isWanted = false;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 0;
    const gone = once(child, 'exit');
    // Once: to a tier that drains, a second signal says to cut what it still has in flight.
    if (signal === 'SIGKILL') killAll(child);
    else if (!child.killed) child.kill(signal);
    const timer = setTimeout(() => killAll(child), killAfterMs(this.service.tier, this.#inherited));
    const [code] = await gone;
    clearTimeout(timer);
    return Number(code ?? 1);
  }

  /** Settings of the user, then of the shape, then the address that was announced first: others know it by now. */
  #environment(): NodeJS.ProcessEnv {
    const own = this.service.environment(this.#behind);
    const name = Object.keys(own).find((key) => key.endsWith('_LISTEN') && !key.includes('ADMIN'));
    const port = this.#addresses && /:(\d+)$/.exec(this.#addresses.address)?.[1];
    const again = name && port ? { [name]: own[name]?.replace(/:\d+$/, `:${port}`) } : {};
    return { ...this.#inherited, LOG_FORMAT: 'json', ...own, ...again };
  }

  #listenTo(child: ChildProcess): Promise<Addresses> {
    const { promise, resolve } = Promise.withResolvers<Addresses>();
    if (!child.stdout) return promise;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const record = parseLine(line);
      if (record?.msg === 'listening') {
        resolve({ address: String(record.address), admin: String(record.admin) });
      } else {
        this.#output.line(this.service.tier, line);
      }
    });
    return promise;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (!this.#isWanted) return;
    const fall = { quickFalls: this.#quickFalls, livedMs: performance.now() - this.#startedAt };
    const next = restart(fall, longestDelayMs);
    this.#quickFalls = next.quickFalls;
    const how = signal ?? `exit code ${code}`;
    this.#output.event(this.service.tier, `ended by ${how}; starting it again in ${next.delayMs}ms`);
    this.#retry = setTimeout(() => this.#again(), next.delayMs);
  }

  #again(): void {
    const { tier } = this.service;
    this.start().then(
      ({ address }) => this.#output.event(tier, `is back at ${address}`),
      (error: unknown) => {
        if (!this.#isWanted) return;
        this.#output.event(tier, String(error));
        this.#onExit(this.#child?.exitCode ?? 1, null);
      },
    );
  }
}

/** With its workers: they would finish what they have, and it was to end. It leads a group of processes, being `detached`. */
function killAll({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
