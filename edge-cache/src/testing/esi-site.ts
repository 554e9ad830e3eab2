// A site for tests of ESI: pages with markup, and fragments beside them.
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { ScriptedRequest } from '@trivet/kit/testing/scripted-request.ts';

export const fresh = ['Cache-Control', 'max-age=60'];
export const esi = ['Surrogate-Control', 'content="ESI/1.0"', ...fresh];

export function include(src: string, more = ''): string {
  return `<esi:include src="${src}" ${more}/>`;
}

type Play = (reply: ScriptedReply, request: ScriptedRequest) => void | Promise<void>;
/** What stands under a path: a page by its markup, or whatever is to be answered. */
export type Site = Readonly<Record<string, string | Play>>;

/** An origin that has these and nothing else. Texts are pages with markup, fresh for a minute. */
export function site(pages: Site): Script {
  return async (request, reply) => {
    const page = pages[request.target];
    if (page === undefined) reply.send(404, [], 'nothing here');
    else if (typeof page === 'string') reply.send(200, esi, request.method === 'HEAD' ? '' : page);
    else await page(reply, request);
  };
}

/** A fragment that may be stored, with no markup of its own. */
export function fragment(body: string | Uint8Array, fields: readonly string[] = fresh): Play {
  return (reply) => reply.send(200, fields, body);
}
