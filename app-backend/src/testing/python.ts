/** Python for tests: where it is, applications in folders of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestOptions } from 'node:test';

/** That of the system: what a user has installed beside it may be anything. */
export const python = '/usr/bin/python3';

function whyNoPython(): string | false {
  try {
    const code = 'import sys; sys.exit(sys.version_info < (3, 9))';
    execFileSync(python, ['-c', code], { timeout: 30_000, stdio: 'ignore' });
    return false;
  } catch (error) {
    if (process.env.REQUIRE_PEERS === '1') throw error;
    return `there is no ${python} of version 3.9 or newer`;
  }
}

/** Skips a test, and says why, where there is no Python; with REQUIRE_PEERS=1 that is a failure. */
export const withPython: TestOptions = { skip: whyNoPython() };

export type PythonFolder = AsyncDisposable & {
  readonly folder: string;
  /** Writes a file into it. */
  write(name: string, text: string): void;
};

/** A folder with these files. */
export function pythonFolder(files: Readonly<Record<string, string>>): PythonFolder {
  const folder = mkdtempSync(join(tmpdir(), 'trivet-python-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { folder, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
