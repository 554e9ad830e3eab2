import { createHash } from 'node:crypto';
import { utf8OfLatin1 } from '../latin1.ts';
import { Request, Response } from '../toolkit/webob-like.ts';
import type { Application, InputStream } from '../wsgi.ts';

const mostShownBytes = 64 * 1024;

/** `/echo`: the request as the application saw it, as JSON. However large a body is, 64 KB of it are kept. */
export const echo: Application = async (environ, startResponse) => {
  const request = new Request(environ);
  const body = await summary(environ['wsgi.input']);
  const json = {
    method: request.method,
    path: utf8OfLatin1(environ.SCRIPT_NAME + environ.PATH_INFO),
    query: request.queryString,
    headers: Object.fromEntries(request.headers),
    ...body,
  };
  return await new Response({ json, headers: [['Cache-Control', 'no-store']] })(environ, startResponse);
};

async function summary(input: InputStream) {
  const hash = createHash('sha256');
  const shown: Uint8Array[] = [];
  let bodyBytes = 0;
  for (;;) {
    const block = await input.read(mostShownBytes);
    if (block.length === 0) break;
    hash.update(block);
    if (bodyBytes < mostShownBytes) shown.push(block);
    bodyBytes += block.length;
  }
  const body = Buffer.concat(shown).subarray(0, mostShownBytes).toString('utf8');
  return { bodyBytes, sha256: hash.digest('hex'), body };
}
