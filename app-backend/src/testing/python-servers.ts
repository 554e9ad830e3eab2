/** Python applications under a server of either kind, as processes that end with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { python } from './python.ts';
import { pythonEnvironment } from './python-peers.ts';

export type PythonServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** All that it wrote, to either output. */
  readonly said: () => string;
};

export type PythonApplication = {
  /** `module:callable`. */
  readonly application: string;
  /** The folder that modules are imported from. */
  readonly chdir: string;
  readonly environment?: Readonly<Record<string, string>>;
};

const withinMs = 30_000;
const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** The folder of the Python twin, and that of other people's programs. */
export const twinFolder = fileURLToPath(new URL('../../python', import.meta.url));
export const programsFolder = `${twinFolder}/programs`;

/** Gunicorn's plainest worker, `sync`, on a port of its own. */
export async function gunicorn(
  { application, chdir, environment }: PythonApplication,
  options: readonly string[] = [],
) {
  const fixed = ['--bind', '127.0.0.1:0', '--chdir', chdir, '--worker-tmp-dir', '/dev/shm', '--graceful-timeout', '5'];
  const child = spawn('gunicorn', [...fixed, ...options, application], {
    env: { ...pythonEnvironment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return await listening(child, /Listening at: (http:\S+)[\s\S]*Booting worker/);
}

/** This kit's own Python workers. */
export async function ownPython({ application, chdir, environment }: PythonApplication) {
  const settings = {
    ...{ APP_RUNTIME: 'python', APP_PYTHON: python, APP_APPLICATION: application, APP_CHDIR: chdir },
    ...{ APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info' },
  };
  const child = spawn(process.execPath, [main], {
    env: { ...pythonEnvironment, ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return await listening(
    child,
    /"msg":"listening".*"address":"(http:[^"]+)"|"address":"(http:[^"]+)".*"msg":"listening"/,
  );
}

async function listening(child: ChildProcess, line: RegExp): Promise<PythonServer> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk));
  const ended = Promise.race([once(child, 'exit'), once(child, 'error').then(() => undefined)]);
  child.on('error', (error) => (text += error.message));
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const end = async () => {
    // Not SIGKILL: that would leave workers behind.
    if (!hasEnded()) child.kill('SIGTERM');
    await ended;
  };
  try {
    const url = await eventually(() => {
      if (hasEnded()) return '';
      const match = line.exec(text);
      if (match === null) throw new Error(`it does not listen: ${text}`);
      return match[1] ?? match[2] ?? '';
    }, withinMs);
    if (url === '') throw new Error(`it does not run: ${text}`);
    return { url, port: Number(new URL(url).port), said: () => text, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
