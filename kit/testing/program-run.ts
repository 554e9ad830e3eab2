import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';

export type ProgramRun = AsyncDisposable & {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly told: { out: string; complaints: string };
  readonly ended: Promise<unknown[]>;
};

/** What does not end by itself shall fail its test, not keep it for ever. */
const mostMs = 120_000;

/** Runs a program of Node in this environment and no other; killed, if it still runs, when it is disposed, or at last. */
export function runProgram(command: readonly string[], env: Readonly<Record<string, string>>): ProgramRun {
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { out: '', complaints: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    told.out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    told.complaints += chunk;
  });
  const ended = once(child, 'close');
  const deadline = setTimeout(() => child.kill('SIGKILL'), mostMs);
  child.once('close', () => clearTimeout(deadline));
  return {
    ...{ child, told, ended },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

type Line = { readonly msg: string; readonly level: string; readonly address?: string; readonly admin?: string };

/** The first line of its log that is like this, as soon as it is there. */
export async function lineOf({ told }: Pick<ProgramRun, 'told'>, what: RegExp): Promise<Line> {
  return await eventually(() => {
    const found = told.out.split('\n').find((text) => what.test(text));
    assert.ok(found !== undefined, `${what} is not in ${told.out}`);
    return JSON.parse(found);
  }, 20_000);
}
