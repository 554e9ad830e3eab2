/** Is there a Python that can run the workers? */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { pythonEnvironment } from './fork-server.ts';

const oldest = [3, 9] as const;
const withinMs = 20_000;
const question = 'import sys; print("%d.%d" % tuple(sys.version_info[:2]))';

/** @throws StartProblem when the program is not there, is no Python, or an older one than 3.9. */
export async function checkPython(python: string, env: Environment): Promise<void> {
  const said = await answerOf(python, env);
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)\s*$/.exec(said) ?? [];
  if (major === '') throw new StartProblem(`APP_PYTHON: ${python} does not behave as Python does`);
  if (isOlder(Number(major), Number(minor))) {
    throw new StartProblem(
      `APP_PYTHON: ${python} is Python ${major}.${minor}; ${oldest.join('.')} is the oldest that can be used`,
    );
  }
}

/** Older than the oldest that the workers run on? */
export function isOlder(major: number, minor: number): boolean {
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

async function answerOf(python: string, env: Environment): Promise<string> {
  try {
    const options = { env: pythonEnvironment(env) as NodeJS.ProcessEnv, timeout: withinMs };
    return (await promisify(execFile)(python, ['-c', question], options)).stdout;
  } catch (cause) {
    throw new StartProblem(`APP_PYTHON: ${whyNot(python, cause)}`, { cause });
  }
}

function whyNot(python: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return `there is no program ${python}`;
  if (code === 'EACCES') return `${python} may not be run by this user`;
  return `${python} cannot be run: ${cause instanceof Error ? cause.message.trim() : String(cause)}`;
}
