import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The command that a user checks a site with, from the root of the kit. */
export const checkCommand = ['node', 'static-frontend/main.ts', '--check'] as const;

/** Runs a command to its end; what it said, on either output, and how it ended. */
export async function outcomeOf(command: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  const [program = '', ...args] = command;
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options);
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    // A program that could not be run at all has no number for its code.
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, said: `${stdout}${stderr}` };
  }
}
