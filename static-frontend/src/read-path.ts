/** The path that a request, or an upgrade, is answered for: read once, and again where the site rewrites it. */

import { askedPath, type RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Site } from './define-site.ts';
import { rewritten } from './rewrite.ts';

/** `target` is what an upstream is asked for. @throws Fault for what nobody may ask for, and where rewrites never end. */
export function readPath(
  { rewrites }: Pick<Site, 'rewrites'>,
  target: string,
): { readonly asked: RoutedPath; readonly target: string } {
  const asked = askedPath(target);
  const found = rewritten(rewrites, asked, target);
  if (found.verdict === 'asked') return found;
  const cause = new Error(found.why);
  throw new Fault('rewrite-loop', 'the rewrites of this site do not come to an end', { cause });
}
