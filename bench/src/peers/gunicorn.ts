import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contender.ts';
import { freePort } from '../processes/free-port.ts';
import { type Callable, helloInPython } from '../servers/hello-python.ts';
import { find, type Program } from './program.ts';

const program: Program = { name: 'Gunicorn', file: 'gunicorn', versionFlag: '--version' };

/** Gunicorn with its default worker, `sync`, which closes the connection after each answer. */
export function gunicorn(workers: number, callable: Callable = 'application'): Contender {
  return gunicornWith('Gunicorn', ['-w', String(workers)], callable);
}

/** Gunicorn with its worker of threads, which keeps connections. */
export function gthread(workers: number, threads: number, callable: Callable = 'application'): Contender {
  const flags = ['-w', String(workers), '-k', 'gthread', '--threads', String(threads)];
  return gunicornWith('Gunicorn gthread', flags, callable);
}

function gunicornWith(name: string, flags: readonly string[], callable: Callable): Contender {
  return {
    name,
    program,
    async prepare({ folder }, file) {
      writeFileSync(join(folder, 'hello.py'), helloInPython);
      const port = await freePort();
      const args = [...flags, '-b', `127.0.0.1:${port}`, '--chdir', folder, '--log-level', 'warning'];
      return {
        name: 'gunicorn',
        file,
        args: [...args, `hello:${callable}`],
        environment: { PYTHONDONTWRITEBYTECODE: '1' },
        port,
      };
    },
  };
}

/** The Python that Gunicorn runs on, so that another server of Python is measured on the same; undefined without it. */
export function pythonOfGunicorn(): string | undefined {
  const path = find(program);
  return path === undefined ? undefined : interpreterOf(readFileSync(path, 'utf8'));
}

/** The Python in the first line of a script; undefined when it is left to the PATH (`/usr/bin/env`), or is no Python. */
export function interpreterOf(script: string): string | undefined {
  return /^#!\s*(\/\S*\/python[\d.]*)\s*$/m.exec(script.split('\n', 1)[0] ?? '')?.[1];
}
