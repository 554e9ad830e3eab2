import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Stack } from '../topology.ts';

const own = fileURLToPath(new URL('../../edge-cache/policy.ts', import.meta.url));

/** A policy file of the stack's own, outside the repository; containers may read it too. */
export async function policyFile() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-policy-'));
  await chmod(folder.path, 0o755);
  const path = join(folder.path, 'policy.ts');
  await copyFile(own, path);
  return {
    path,
    /** Writes it in place (a container sees the file, not its folder), and waits until the edge has loaded it. */
    async load(source: string | undefined, admin: Stack['admin']): Promise<void> {
      if (source === undefined) await copyFile(own, path);
      else await writeFile(path, source);
      await eventually(async () => {
        const answer = await admin('edge-cache', '/policy/reload', { method: 'POST' });
        assert.equal(answer.status, 200, answer.text);
      });
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}
