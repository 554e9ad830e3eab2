import assert from 'node:assert/strict';
import { mkdtempDisposable, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartProblem } from './load-file.ts';
import { privateFolder } from './private-folder.ts';

/** With another folder for temporary files. */
async function within<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return await run();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

test('the folder for sockets is new each time, and nobody else may look into it', async () => {
  const made = [await privateFolder('a', '1.sock', 'they'), await privateFolder('a', '1.sock', 'they')];
  assert.notEqual(made[0], made[1]);
  for (const folder of made) {
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    await rm(folder, { recursive: true });
  }
});

test('a place that is too long for the path of a socket is refused, and so is one that is not there', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'x'.repeat(90)));
  const refused = (message: RegExp) => (error: unknown) => error instanceof StartProblem && message.test(error.message);
  await within(folder.path, async () => {
    await assert.rejects(privateFolder('a', '1.sock', 'they'), refused(/^TMPDIR: .* is too long for the path/));
  });
  await within('/nonexistent', async () => {
    await assert.rejects(
      privateFolder('a', '1.sock', 'they'),
      refused(/^TMPDIR: they need a folder there for their sockets/),
    );
  });
});
