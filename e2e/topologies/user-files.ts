/** What users of the kit edit, as files of a stack's own outside the repository; containers may read them, too. */
import { chmod, copyFile, cp, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import type { Answer } from '../ask.ts';
import type { Stack } from '../topology.ts';

/** The root of the kit. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));

type Ruled = { readonly tier: Tier; readonly own: string; readonly reload: string };

const policy: Ruled = { tier: 'edge-cache', own: 'edge-cache/policy.ts', reload: '/policy/reload' };
const site: Ruled = { tier: 'static-frontend', own: 'static-frontend/site.ts', reload: '/site/reload' };

/** The edge's policy, the front's site, and the folder that the front serves: as they come with the kit, until a case changes them. */
export async function userFiles() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-e2e-'));
  await chmod(folder.path, 0o755);
  const root = join(folder.path, 'public');
  // With their times: a compressed sibling that is older than its original would be ignored.
  await cp(join(repository, 'site/public'), root, { recursive: true, preserveTimestamps: true });
  return {
    root,
    policy: await ruledBy(policy, folder.path),
    site: await ruledBy(site, folder.path),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

async function ruledBy({ tier, own, reload }: Ruled, folder: string) {
  const original = join(repository, own);
  const path = join(folder, basename(own));
  await copyFile(original, path);
  return {
    path,
    /** Writes it in place (a container sees the file, not its folder), and resolves once the tier has read it. */
    async load(source: string | undefined, admin: Stack['admin']): Promise<Answer> {
      if (source === undefined) await copyFile(original, path);
      else await writeFile(path, source);
      return await admin(tier, reload, { method: 'POST' });
    },
  };
}
