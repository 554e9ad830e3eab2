/** Our own tiers, as processes of their own, and the floors beneath them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.ts';
import { pythonOfGunicorn } from './peers/gunicorn.ts';
import type { Command } from './processes/server-process.ts';
import { bodyBytes as usualBytes } from './servers/announce.ts';
import { constantArguments } from './servers/constant-answer.ts';
import { type Callable, helloInPython } from './servers/hello-python.ts';

export type TierName = 'edge-cache' | 'static-frontend' | 'app-backend';
export type TierEnvironment = Readonly<Record<string, string>>;

const prefixes = { 'edge-cache': 'EDGE', 'static-frontend': 'FRONT', 'app-backend': 'APP' } as const;

/** How a tier is started: on ports that the system picks, without a line for each exchange. */
export function tierCommand(tier: TierName, settings: TierEnvironment, nodeFlags: readonly string[] = []): Command {
  const prefix = prefixes[tier];
  const listen = { [`${prefix}_LISTEN`]: '127.0.0.1:0', [`${prefix}_ADMIN_LISTEN`]: '127.0.0.1:0' };
  return {
    name: tier,
    file: process.execPath,
    args: [...nodeFlags, inRepository(`${tier}/main.ts`)],
    environment: { LOG_LEVEL: 'warn', LOG_FORMAT: 'json', ...listen, ...settings },
  };
}

/** A server of this folder as a process. */
export function scriptCommand(script: string, ...args: string[]): Command {
  const path = fileURLToPath(new URL(`./servers/${script}`, import.meta.url));
  return { name: script, file: process.execPath, args: [path, ...args] };
}

/** An absolute path out of one from the top of the repository. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

type EdgeOptions = { readonly leastProcesses?: number; readonly nodeFlags?: readonly string[] };

/** The edge; `name` tells what its settings change. */
export function edgeWith(
  name: string,
  settings: TierEnvironment,
  { leastProcesses = 1, nodeFlags = [] }: EdgeOptions = {},
): Contender {
  return {
    name,
    leastProcesses,
    prepare: ({ originPort }) =>
      tierCommand('edge-cache', { EDGE_ORIGIN: `http://127.0.0.1:${originPort}`, ...settings }, nodeFlags),
  };
}

/** The front; `name` tells what its settings change. */
export function frontWith(name: string, settings: TierEnvironment): Contender {
  return {
    name,
    prepare: ({ folder, originPort }) =>
      tierCommand('static-frontend', {
        FRONT_ROOT: join(folder, 'site'),
        FRONT_UPSTREAM: `http://127.0.0.1:${originPort || 9}`,
        ...settings,
      }),
  };
}

export const edge = edgeWith('edge-cache', {});
export const front = frontWith('static-frontend', {});

/** The app tier with the TypeScript application. */
export function app(workers: number, callable: Callable = 'application'): Contender {
  const settings = {
    APP_APPLICATION: `${inRepository('bench/src/servers/hello.ts')}:${callable}`,
    APP_WORKERS: String(workers),
  };
  return { name: 'app-backend', leastProcesses: workers, prepare: () => tierCommand('app-backend', settings) };
}

/** The app tier with the same Python application that Gunicorn runs. */
export function appInPython(workers: number, callable: Callable = 'application'): Contender {
  return {
    name: 'app-backend, Python',
    leastProcesses: workers,
    prepare({ folder }) {
      writeFileSync(join(folder, 'hello.py'), helloInPython);
      const python = pythonOfGunicorn();
      return tierCommand('app-backend', {
        APP_RUNTIME: 'python',
        APP_APPLICATION: `hello:${callable}`,
        APP_CHDIR: folder,
        APP_WORKERS: String(workers),
        ...(python !== undefined && { APP_PYTHON: python }),
      });
    },
  };
}

/** The floor that answers with a body of so many bytes. */
export function floorOnNetOf(bodyBytes: number): Contender {
  return {
    name: 'node:net',
    prepare: () => scriptCommand('constant-net.ts', ...constantArguments({ bodyBytes })),
  };
}

export const floorOnNet = floorOnNetOf(usualBytes);
export const floorOnHttp: Contender = { name: 'node:http', prepare: () => scriptCommand('constant-http.ts') };
