/** A server as a process: started, awaited until it accepts connections, ended with all that it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseStat } from './cpu-time.ts';
import { type Process, readAll, treeOf } from './process-tree.ts';

export type Command = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it was told to listen; without one, it announces its address: a JSON line with `"msg":"listening"`. */
  readonly port?: number;
};

/** Settings that name a file mean it from here. */
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const startMs = 20_000;
const stopMs = 5_000;

export class ServerProcess implements AsyncDisposable {
  readonly #command: Command;
  readonly #child: ChildProcess;
  readonly #output: string;
  #port = 0;

  private constructor(command: Command, folder: string) {
    this.#command = command;
    // A file, not a pipe: reading the output of a server that logs would cost CPU time beside it.
    // In a folder of its own: two servers of one name would write into each other's.
    this.#output = join(mkdtempSync(join(folder, `${command.name}-`)), 'out');
    const output = openSync(this.#output, 'w');
    this.#child = spawn(command.file, command.args, {
      // What the user's own shell has set for a tier or a peer must not change what is measured.
      env: { PATH: process.env.PATH ?? '', HOME: folder, ...command.environment },
      cwd: repository,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
  }

  /** Resolves once it accepts connections; whatever it writes goes to a file in `folder`. */
  static async start(command: Command, folder: string): Promise<ServerProcess> {
    const server = new ServerProcess(command, folder);
    try {
      await once(server.#child, 'spawn');
      server.#port = await server.#accepting();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#command.name} has no process`);
    return pid;
  }

  /** All that it has written so far. */
  output(): string {
    return readFileSync(this.#output, 'utf8');
  }

  /** How many processes it is made of. */
  processes(): number {
    return this.#tree().length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined || this.#isGone) return;
    const gone = once(this.#child, 'exit');
    const tree = this.#tree();
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => kill(tree), stopMs);
    await gone;
    clearTimeout(timer);
  }

  #tree(): Process[] {
    return treeOf(this.pid, readAll('stat', parseStat));
  }

  get #isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #accepting(): Promise<number> {
    const deadline = performance.now() + startMs;
    while (performance.now() < deadline) {
      const port = this.#command.port ?? announcedPort(this.output());
      if (port !== undefined && (await accepts(port))) return port;
      if (this.#isGone) throw new Error(`${this.#command.name} ended at start: ${this.#lastWords()}`);
      await wait(20);
    }
    throw new Error(`${this.#command.name} did not listen within ${startMs} ms: ${this.#lastWords()}`);
  }

  #lastWords(): string {
    const lines = this.output().trim().split('\n');
    // Node prints its own version and the stack below the sentence that tells what happened.
    const error = lines.find((line) => /^\w*Error\b/.test(line));
    return (error ?? lines.slice(-3).join(' ')).slice(-400) || 'it said nothing';
  }
}

/** The port in the line that a tier prints once it accepts connections; undefined before. */
export function announcedPort(output: string): number | undefined {
  const line = output.split('\n').find((candidate) => candidate.includes('"msg":"listening"'));
  const address = line && /"address":"http:\/\/[^"]*?:(\d+)"/.exec(line)?.[1];
  return address ? Number(address) : undefined;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

function kill(tree: readonly { readonly pid: number }[]): void {
  for (const { pid } of tree) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
