/** The front in its ways of running, and its peers where they are installed, all over the same files. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { type ScriptedOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { ScriptedRequest } from '@trivet/kit/testing/scripted-request.ts';
import { apache } from './apache.ts';
import { nginx } from './nginx.ts';
import type { Listening } from './program.ts';
import { type Peer, whyNot } from './program.ts';
import { type Answer, answersIn, fieldOf } from './replies.ts';
import type { Row } from './row.ts';
import { files, huge, site } from './site.ts';

export type Asked = Pick<Row, 'bytes' | 'links' | 'endsWriting'>;

/** A server under test. */
export type Server = {
  /** Sends the bytes on a connection of their own and gives the answers to them. */
  ask(asked: Asked): Promise<Answer[]>;
};

export type Stand = AsyncDisposable & {
  /** Where the files are. */
  readonly root: string;
  readonly app: ScriptedOrigin;
  /** The front as `main.ts` runs it, with and without its fast lane. */
  readonly hot: Server & { answersFromMemory(): Promise<number> };
  readonly cold: Server;
  readonly peers: Readonly<Record<Peer, Server | string>>;
};

/** Starts all of them. A peer that is not here is the reason why. */
export async function openStand(): Promise<Stand> {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ ...files, 'site.ts': `export default ${JSON.stringify(site)};` }));
  // Apache httpd gives up its rights to read what only root may.
  await chmod(tree.path, 0o755);
  const app = own.use(await scriptedOrigin(answer));
  const root = join(tree.path, 'www');
  await truncate(join(root, 'huge.bin'), huge);
  spawnSync('mkfifo', [join(root, 'pipe')]);
  const settings = { FRONT_ROOT: root, FRONT_SITE: join(tree.path, 'site.ts'), FRONT_UPSTREAM: app.url };
  const [hot, cold, never, any, nginxHere, apacheHere] = await Promise.all([
    front(settings),
    front({ ...settings, FRONT_FAST_LANE: 'off' }),
    front({ ...settings, FRONT_SYMLINKS: 'never' }),
    front({ ...settings, FRONT_SYMLINKS: 'any' }),
    whyNot('nginx') || nginx(root, app.port),
    whyNot('apache') || apache(root, app.port),
  ]);
  for (const each of [hot, cold, never, any, nginxHere, apacheHere]) if (typeof each === 'object') own.use(each);
  const all = own.move();
  const ours = (one: Listening) => server(({ links }) => (links === undefined ? one : { never, any }[links]).port);
  const peer = (one: Listening | string) => (typeof one === 'string' ? one : server(() => one.port));
  return {
    ...{ root, app, cold: ours(cold) },
    hot: { ...ours(hot), answersFromMemory: () => fromMemory(hot.admin) },
    peers: { nginx: peer(nginxHere), apache: peer(apacheHere) },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function server(portFor: (asked: Asked) => number): Server {
  const tags = new Map<string, string>();
  const ask = async (asked: Asked): Promise<Answer[]> => {
    let { bytes } = asked;
    for (const [placeholder, target = '', coding] of bytes.matchAll(/\{etag (\S+?)(?: (\S+))?\}/g)) {
      const tag = tags.get(placeholder) ?? (await tagOf(target, coding));
      tags.set(placeholder, tag);
      bytes = bytes.replaceAll(placeholder, tag);
    }
    await using client = await rawConnect(portFor(asked));
    await client.write(bytes);
    if (asked.endsWriting) client.end();
    await client.closed;
    return answersIn(client.received, bytes.trimStart().slice(0, bytes.indexOf(' ')));
  };
  const tagOf = async (target: string, coding = 'identity') => {
    const lines = ['Host: front.test', `Accept-Encoding: ${coding}`, 'Connection: close'];
    const [answer] = await ask({ bytes: `HEAD ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n` });
    const tag = answer && fieldOf(answer, 'ETag');
    assert.ok(tag, `${target} has no entity tag`);
    return tag;
  };
  return { ask };
}

type RunningFront = Listening & { readonly admin: string };

async function front(settings: Readonly<Record<string, string>>): Promise<RunningFront> {
  const main = join(import.meta.dirname, '../../../main.ts');
  const anywhere = { FRONT_LISTEN: '127.0.0.1:0', FRONT_ADMIN_LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...anywhere, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  const lines = createInterface({ input: child.stdout });
  const told = await new Promise<{ address: string; admin: string }>((resolve, reject) => {
    lines.on('line', (line) => line.includes('"listening"') && resolve(JSON.parse(line)));
    child.on('exit', () => reject(new Error('the front ended without listening')));
  });
  return { port: Number(new URL(told.address).port), admin: told.admin, [Symbol.asyncDispose]: end };
}

async function fromMemory(admin: string): Promise<number> {
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  return Number(/^trivet_hot_file_answers_total(?:\{.*\})? (\d+)$/m.exec(metrics)?.[1]);
}

// What the app says of itself, and else what it was asked.
function answer({ method, target, fields }: ScriptedRequest, reply: ScriptedReply): void | Promise<void> {
  const own = ['X-Frame-Options', 'DENY', 'Content-Security-Policy', "default-src 'none'"];
  if (target === '/api/fields') return reply.send(200, [], linesOf(fields));
  if (target === '/api/broken') return reply.break();
  if (target === '/api/page') return reply.send(200, ['Content-Type', 'text/html', ...own], '<p>the app');
  if (target === '/api/error') return reply.send(500, own, 'the app');
  return reply.send(200, [], `${method} ${target}`);
}

function linesOf(fields: readonly string[]): string {
  let lines = '';
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\n`;
  return lines;
}
