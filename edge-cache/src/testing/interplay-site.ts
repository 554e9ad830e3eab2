// An origin with every kind of answer that the edge treats in a way of its own, each always of the same bytes.
import { gzipSync } from 'node:zlib';
import { field } from '@trivet/kit/semantics/fields.ts';
import { contentRange, selectRange } from '@trivet/kit/semantics/range.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { ScriptedRequest } from '@trivet/kit/testing/scripted-request.ts';
import { include } from './esi-site.ts';

/** Whole numbers from 0 up to and without `below`, the same for the same seed. */
export type Dice = (below: number) => number;

/** Mulberry32. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export const kinds = ['binary', 'ranging', 'text', 'gzip', 'page', 'posted', 'private', 'flaky'] as const;
export type Kind = (typeof kinds)[number];

export type Resource = {
  readonly path: string;
  readonly kind: Kind;
  /** What the origin sends: markup and codings as they are. */
  readonly source: Buffer;
  /** What a client has in the end that takes no coding. */
  readonly plain: Buffer;
  /** In the coding of the origin. */
  readonly coded: Buffer | undefined;
  readonly etag: string;
};

const sizes = [100, 2000, 40_000, 120_000, 300_000];
const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta\n'];

function textOf(size: number, name: string, roll: Dice): Buffer {
  const parts: string[] = [];
  for (let length = 0; length < size; length += parts.at(-1)?.length ?? 0) {
    parts.push(`${words[roll(words.length)]} ${name}:${roll(1000)} `);
  }
  return Buffer.from(parts.join('').slice(0, size));
}

function binaryOf(size: number, roll: Dice): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, () => roll(256)));
}

/** Its resources by path, the same for the same dice. */
export function resources(roll: Dice): ReadonlyMap<string, Resource> {
  const all = new Map<string, Resource>();
  const put = (kind: Kind, n: number, source: Buffer, plain = source) => {
    const path = `/${kind}/${n}`;
    const coded = kind === 'gzip' ? gzipSync(plain) : undefined;
    all.set(path, { path, kind, source: coded ?? source, plain, coded, etag: `"${kind}-${n}"` });
  };
  for (const [n, size] of sizes.entries()) {
    put('binary', n, binaryOf(size, roll));
    put('ranging', n, binaryOf(size, roll));
    for (const kind of ['text', 'gzip', 'posted', 'private', 'flaky'] as const) {
      put(kind, n, textOf(size, `${kind}${n}`, roll));
    }
  }
  for (const n of sizes.keys()) {
    const page = pageOf(n, all, roll);
    put('page', n, page.source, page.plain);
  }
  return all;
}

// Later pages include earlier ones; the last is larger than what sockets take without being read.
function pageOf(n: number, all: ReadonlyMap<string, Resource>, roll: Dice) {
  const fragments = [...all.values()].filter(({ kind }) => !['flaky', 'posted', 'page'].includes(kind));
  const inner = all.get(`/page/${n - 1}`);
  const included = Array.from({ length: 4 + n * 3 }, () => fragments[roll(fragments.length)]);
  const source: Buffer[] = [Buffer.from('<p>')];
  const plain: Buffer[] = [Buffer.from('<p>')];
  for (const [at, fragment] of [inner, ...included].entries()) {
    if (fragment === undefined) continue;
    const text = textOf(50 + roll(3000), `page${n}-${at}`, roll);
    const more = roll(3) === 0 ? `alt="${fragment.path}"` : '';
    const src = more !== '' && roll(2) === 0 ? `/missing/${at}` : fragment.path;
    source.push(text, Buffer.from(include(src, more)));
    plain.push(text, fragment.plain);
  }
  return { source: Buffer.concat(source), plain: Buffer.concat(plain) };
}

const types: Readonly<Record<Kind, string>> = {
  binary: 'application/octet-stream',
  ranging: 'application/octet-stream',
  text: 'text/plain',
  gzip: 'text/plain',
  page: 'text/html',
  posted: 'text/plain',
  private: 'text/plain',
  flaky: 'text/plain',
};

function fieldsOf({ kind, path, etag }: Resource): string[] {
  const fields = ['Content-Type', types[kind], 'X-Kind', kind, 'ETag', etag];
  fields.push('Cache-Control', kind === 'private' ? 'private' : 'max-age=20');
  if (kind === 'page') fields.push('Surrogate-Control', 'content="ESI/1.0"');
  if (kind === 'gzip') fields.push('Content-Encoding', 'gzip');
  if (kind === 'posted') fields.push('Content-Location', path);
  return fields;
}

/** The origin of these. How it cuts what it sends, and when it breaks off, the dice say. */
export function siteOf(all: ReadonlyMap<string, Resource>, roll: Dice): Script {
  return async (request, reply) => {
    const resource = all.get(request.target);
    if (resource === undefined) return void reply.send(404, [], 'nothing here');
    const fields = fieldsOf(resource);
    if (field(request.fields, 'if-none-match') === resource.etag) return void reply.send(304, fields);
    if (resource.kind === 'flaky' && roll(2) === 0) return await breakOff(reply, resource, fields);
    await answer(reply, resource, { request, roll });
  };
}

type Circumstances = { readonly request: ScriptedRequest; readonly roll: Dice };

async function answer(reply: ScriptedReply, resource: Resource, { request, roll }: Circumstances): Promise<void> {
  const { status, more, body } = selected(resource, request);
  const framing = ['Content-Length', String(body.length)];
  const fields = [...fieldsOf(resource), ...more];
  if (request.method === 'HEAD') return reply.send(status, [...fields, ...framing]);
  await inPieces(reply, { status, fields: roll(2) === 0 ? [...fields, ...framing] : fields, body }, roll);
}

async function breakOff(reply: ScriptedReply, { source }: Resource, fields: readonly string[]): Promise<void> {
  reply.head(200, [...fields, 'Content-Length', String(source.length)]);
  await reply.write(source.subarray(0, source.length / 2));
  reply.break();
}

function selected({ kind, source, etag }: Resource, { fields }: ScriptedRequest) {
  const condition = field(fields, 'if-range');
  const range = kind === 'ranging' && (condition ?? etag) === etag ? field(fields, 'range') : undefined;
  const verdict = selectRange(range, source.length);
  if (verdict.verdict !== 'part') return { status: 200, more: [], body: source };
  const { first, last } = verdict.range;
  const more = ['Content-Range', contentRange(verdict.range, source.length)];
  return { status: 206, more, body: source.subarray(first, last + 1) };
}

type Given = { readonly status: number; readonly fields: readonly string[]; readonly body: Buffer };

async function inPieces(reply: ScriptedReply, { status, fields, body }: Given, roll: Dice): Promise<void> {
  reply.head(status, fields);
  const piece = Math.max(1000, Math.ceil(body.length / (1 + roll(6))));
  for (let at = 0; at < body.length; at += piece) {
    const written = reply.write(body.subarray(at, at + piece));
    if (roll(2) === 0) await written;
  }
  reply.end();
}
