import { chmod, copyFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../ask.ts';
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
    /** Writes it in place (a container sees the file, not its folder), and resolves once the edge has read it. */
    async load(source: string | undefined, admin: Stack['admin']): Promise<Answer> {
      if (source === undefined) await copyFile(own, path);
      else await writeFile(path, source);
      return await admin('edge-cache', '/policy/reload', { method: 'POST' });
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}
