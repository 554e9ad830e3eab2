// Does what the JSON in its query says, well or badly: the twin of `app-backend/python/programs/pep_3333.py`.
import type { Application, Environ } from '../../wsgi.ts';
import type { Block, Plan, Read, Start } from './plan.ts';

/** The gateway must not trust types, so neither has the program any. */
type AnyWrite = (block: unknown) => unknown;
type AnyStart = (...what: unknown[]) => AnyWrite;

const plain: Start = { status: '200 OK', headers: [['Content-Type', 'text/plain']] };

let closed = 0;

function play(environ: Environ, start: AnyStart): unknown {
  const plan: Plan = JSON.parse(decodeURIComponent(environ.QUERY_STRING));
  if (plan.fails === 'at once') throw new Error('as planned');
  if (plan.as === 'generator') return generated(plan, start);
  const written = begin(plan, start);
  if (plan.fails === 'once started') throw new Error('as planned');
  return written === undefined ? bodyOf(plan, environ) : written.then(() => bodyOf(plan, environ));
}

function begin({ starts = [plain], writes }: Plan, start: AnyStart): Promise<void> | undefined {
  let write: AnyWrite | undefined;
  for (const each of starts) {
    try {
      write = started(each, start);
    } catch (error) {
      if (!each.isForgiven) throw error;
    }
  }
  return writes && writeAll(writes, write);
}

function started({ status, headers, hasFailure }: Start, start: AnyStart): AnyWrite {
  return hasFailure ? start(status, headers, { error: new Error('as planned') }) : start(status, headers);
}

async function writeAll(blocks: readonly Block[], write: AnyWrite | undefined): Promise<void> {
  for (const block of blocks) await write?.(blockOf(block));
}

async function* generated(plan: Plan, start: AnyStart): AsyncGenerator<unknown> {
  await begin(plan, start);
  yield* blocksOf(plan);
}

function* blocksOf({ blocks = [], fails }: Plan): Generator<unknown> {
  for (const block of blocks) yield blockOf(block);
  if (fails === 'at the end') throw new Error('as planned');
}

function blockOf(block: Block): unknown {
  return typeof block === 'string' ? Buffer.from(block, 'latin1') : block[0];
}

function bodyOf(plan: Plan, environ: Environ): unknown {
  const { as = 'list', blocks = [] } = plan;
  switch (as) {
    case 'list':
      return blocks.map(blockOf);
    case 'file':
      return environ['wsgi.file_wrapper']?.({ read: readerOf(blocks), close: () => close(plan) }, 4);
    case 'itself':
      return blockOf(blocks[0] ?? '');
    case 'blocks':
    case 'generator':
      return { [Symbol.iterator]: () => blocksOf(plan), close: () => close(plan) };
  }
}

function close({ fails }: Plan): void {
  closed += 1;
  if (fails === 'in close') throw new Error('as planned');
}

function readerOf(blocks: readonly Block[]): (size: number) => Uint8Array {
  let left = Buffer.from(blocks.join(''), 'latin1');
  return (size) => {
    const block = left.subarray(0, size);
    left = left.subarray(size);
    return block;
  };
}

function closedPage(_environ: Environ, start: AnyStart): unknown {
  const found = closed;
  closed = 0;
  return answer(start, String(found));
}

async function readPage(environ: Environ, start: AnyStart): Promise<unknown> {
  const input = environ['wsgi.input'];
  const told: unknown[] = [];
  const reads: readonly Read[] = JSON.parse(decodeURIComponent(environ.QUERY_STRING));
  for (const [name, size] of reads) {
    if (name === 'iterate') told.push(texts(await Array.fromAsync(input)));
    else if (name === 'readlines') told.push(texts(await input.readlines(size)));
    else told.push(text(await input[name](size)));
  }
  return answer(start, JSON.stringify(told));
}

const text = (block: Uint8Array) => Buffer.from(block).toString('latin1');
const texts = (blocks: readonly Uint8Array[]) => blocks.map(text);

function errorsPage(environ: Environ, start: AnyStart): unknown {
  const errors = environ['wsgi.errors'];
  errors.write('one\r\n');
  errors.writelines(['two\n', 'three']);
  errors.flush();
  return answer(start, String(environ['trivet.request_id']));
}

const flags = ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once', 'wsgi.input_terminated'];
const varying = ['REMOTE_PORT', 'SERVER_PORT', 'HTTP_CONNECTION'];

function environPage(environ: Environ, start: AnyStart): unknown {
  const names = Object.keys(environ).filter((name) => /^[A-Z][^a-z.]*$/.test(name) && !varying.includes(name));
  const lines = [...names.sort(), ...flags].map((name) => `${name}=${environ[name as keyof Environ]}`);
  const { HTTP_X_PORT: port } = environ;
  lines.push(`wsgi.version=${environ['wsgi.version'].join('.')}`);
  lines.push(`wsgi.url_scheme=${environ['wsgi.url_scheme']}`);
  lines.push(`port=${port === undefined ? '' : environ.SERVER_PORT === port}`);
  lines.push(`early_hints=${typeof environ['wsgi.early_hints'] === 'function'}`);
  return answer(start, `${lines.join('\n')}\n`);
}

function answer(start: AnyStart, body: string): unknown {
  const bytes = Buffer.from(body, 'latin1');
  start('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(bytes.length)],
  ]);
  return [bytes];
}

const pages = new Map([
  ['/play', play],
  ['/closed', closedPage],
  ['/read', readPage],
  ['/errors', errorsPage],
]);

const program = (environ: Environ, start: AnyStart) => (pages.get(environ.PATH_INFO) ?? environPage)(environ, start);

export const application = program as unknown as Application;
