/** What other people's programs and servers need of this machine, and why tests with them cannot run where it is not. */
import { spawnSync } from 'node:child_process';
import { python } from './python.ts';

/** No compiled files beside the sources, and nothing that differs from one process, or machine, to the next. */
export const pythonEnvironment = {
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONHASHSEED: '0',
  PATH: process.env.PATH ?? '',
  TZ: 'UTC',
} as const;

/**
 * Why tests that need these Python packages cannot run here; false when they can. Where `REQUIRE_PEERS=1` one that is not
 * there is no reason: the tests run, and fail.
 */
export function whyNotPackages(...packages: readonly string[]): string | false {
  const wanted = packages.filter((name) => spawnSync(python, ['-c', `import ${name}`]).status !== 0);
  return wanted.length === 0 ? false : missing(`${python} here has no ${wanted.join(', ')}`);
}

/** The same for Gunicorn, of the version that the tables of differences tell of. */
export function whyNotGunicorn(): string | false {
  const { error, stdout } = spawnSync('gunicorn', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return missing('there is no gunicorn here');
  return /version 20\.1\./.test(stdout) ? false : `this is not the version of the tables: ${stdout.trim()}`;
}

function missing(why: string): string | false {
  return process.env.REQUIRE_PEERS === '1' ? false : why;
}
