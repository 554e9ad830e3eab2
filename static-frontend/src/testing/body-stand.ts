/** A front between a client that sends bodies and an app that counts them. */
import { createHash } from 'node:crypto';
import { readdir, readlink, stat } from 'node:fs/promises';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { type FrontOptions, runFront } from './running-front.ts';

const site = {
  routes: [
    { path: '/full/', proxy: 'app' },
    { path: '/stream/', proxy: 'app', requestBuffering: 'stream' },
    { path: '/small/', proxy: 'app', bodyLimit: '8B' },
    { path: '/large/', proxy: 'app', bodyLimit: '1MB', requestBuffering: 'stream' },
  ],
} as const;

export type BodyStand = Awaited<ReturnType<typeof bodyStand>>;

/** A front whose bodies have 1 KB of memory each, and a folder that is this test's own. */
export async function bodyStand(script: Script, over: Partial<FrontOptions> = {}) {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ 'f.txt': 'f', 'temp/': '' }));
  const app = own.use(await scriptedOrigin(script, { startAt: 'head' }));
  const temp = `${tree.path}/temp`;
  const proxying = { bodyLimit: 400_000, bodyMemory: 1024, tempDir: temp, ...over.proxying };
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address], ...over, proxying }));
  const all = own.move();
  return { app, front, temp, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Answers with the SHA-256 of what came. */
export const digest: Script = async (request, reply) => {
  if ((await request.outcome) === 'whole') reply.send(200, [], createHash('sha256').update(request.body).digest('hex'));
};

/** The head of a POST. */
export function head(path: string, more: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
}

/** A body in chunks of so many bytes. */
export function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

export const close = 'Connection: close\r\n';

/** What is held of bodies, in memory and on the disk; bytes. */
export async function waitingBytes({ front, temp }: BodyStand): Promise<number> {
  let bytes = front.proxying.places.room.taken;
  for (const name of await readdir('/proc/self/fd')) {
    const link = `/proc/self/fd/${name}`;
    if ((await readlink(link).catch(() => '')).startsWith(temp)) bytes += (await stat(link)).size;
  }
  return bytes;
}
