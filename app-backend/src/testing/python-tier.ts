import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { SpawnedTier } from '@trivet/kit/testing/spawned-tier.ts';
import { type PythonFolder, python, pythonFolder } from './python.ts';

export const appMain = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** Answers with the process that ran it, and what it was sent. */
export const helloApp = `
import os

def application(environ, start_response):
    body = environ['wsgi.input'].read() or b'hello'
    start_response('200 OK', [('Content-Type', 'text/plain'), ('X-Pid', str(os.getpid()))])
    return [body]
`;

export type Row = {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly requests: number;
  readonly rssBytes: number;
  readonly generation: number;
  readonly slots: { readonly busy: number; readonly of: number };
  readonly inFlight: readonly { readonly method: string; readonly target: string; readonly id: string }[];
};

export type Stats = {
  readonly workers: readonly Row[];
  readonly arbiter: {
    readonly generation: number;
    readonly isHopeless: boolean;
    readonly ends: Readonly<Record<string, number>>;
    readonly lastEnd: {
      readonly why: string;
      readonly stderr: readonly string[];
      readonly requests: Row['inFlight'];
    } | null;
  };
  readonly forkServers: readonly { readonly generation: number; readonly pid: number }[];
  readonly queue: { readonly length: number };
};

export type PythonTier = AsyncDisposable & {
  readonly tier: SpawnedTier;
  readonly code: PythonFolder;
  readonly url: string;
  readonly admin: string;
  readonly port: number;
  readonly pid: number;
  stats(): Promise<Stats>;
  /** Those that serve. */
  serving(): Promise<readonly Row[]>;
  /** Resolves when this is so of them. */
  eventuallyServing(is: (rows: readonly Row[]) => void): Promise<void>;
};

type Environment = Readonly<Record<string, string>>;

const withinMs = 30_000;

/** The app tier with a Python application of these files, `site_app:application`. */
export async function pythonTier(
  files: Readonly<Record<string, string>>,
  env: Environment | ((folder: string) => Environment) = {},
): Promise<PythonTier> {
  const code = pythonFolder(files);
  const own = typeof env === 'function' ? env(code.folder) : env;
  const tier = new SpawnedTier({ ...pythonEnv(code.folder), ...own }, { program: appMain });
  const { address: url, admin, pid } = await tier.line('listening');
  const stats = async () => (await (await fetch(`${admin}/stats`)).json()) as Stats;
  const serving = async () => (await stats()).workers.filter(({ state }) => state === 'idle' || state === 'busy');
  return {
    ...{ tier, code, url, admin, pid, stats, serving },
    port: Number(new URL(url).port),
    eventuallyServing: (is) => eventually(async () => is(await serving()), withinMs),
    async [Symbol.asyncDispose]() {
      await tier[Symbol.asyncDispose]();
      await code[Symbol.asyncDispose]();
    },
  };
}

/** What the tier is started with, for an application in this folder. */
export function pythonEnv(folder: string): Record<string, string> {
  return {
    ...{ APP_RUNTIME: 'python', APP_PYTHON: python, APP_CHDIR: folder, APP_APPLICATION: 'site_app' },
    ...{ APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0' },
  };
}

/** A line of the log with this message is there, sooner or later. */
export async function eventuallySaid({ tier }: Pick<PythonTier, 'tier'>, what: RegExp): Promise<void> {
  await eventually(() => assert.match(tier.out, what), withinMs);
}
