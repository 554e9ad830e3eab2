// A front whose every path is the app's, with what a site says of its upstream; and origins that say who they are.

import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import { type Script, type ScriptedOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Site, UpstreamOptions } from '../define-site.ts';
import { type FrontOptions, type RunningFront, runFront } from './running-front.ts';

/** Everything is the app's, and the app is what `options` say. */
export function siteOf(options: UpstreamOptions, more: Partial<Site> = {}): Site {
  return { routes: [{ path: '/', proxy: 'app' }], upstreams: { app: options }, ...more };
}

/** A front for `site`, disposed with its folder. */
export async function upstreamFront(
  site: Site,
  options: Omit<FrontOptions, 'root' | 'site'> = {},
): Promise<RunningFront> {
  await using own = new AsyncDisposableStack();
  const tree: FileTree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, ...options }));
  const all = own.move();
  return { ...front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Goes by another site from now on, as a reload has it. */
export function turnTo({ live, upstreams }: RunningFront, site: Site): void {
  upstreams.reconfigure(site);
  live.front = { ...live.front, site, upstreams: upstreams.byName };
}

/** An origin that answers everything with its name. */
export function named(name: string, script?: Script): Promise<ScriptedOrigin> {
  return scriptedOrigin(script ?? ((_, reply) => reply.send(200, [], name)));
}

/** Who answered `count` requests, one after another, in order. */
export async function whoAnswers(front: RunningFront, count: number, fields: readonly string[] = []): Promise<string> {
  let all = '';
  for (let i = 0; i < count; i++) {
    const { status, body } = await front.ask('/x', fields);
    all += status === 200 ? body : `(${status})`;
  }
  return all;
}
