/** Middleware that answers with files and leaves the rest to the application: what WhiteNoise is to Django and Flask. */
import type { Handle } from '@trivet/kit/files/opened.ts';
import type { Content } from '@trivet/kit/files/reply.ts';
import { type Framed, readRange } from '@trivet/kit/files/send.ts';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { entries, type Fields, withField } from '@trivet/kit/semantics/fields.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import { fileBlocks, fileBody } from '../gateway/file-source.ts';
import type { Application, Body, Environ, StartResponse } from '../wsgi.ts';
import { mayBeUnder, pathOf, requestOf } from './environ-request.ts';
import { badPath, nothingHere, type PlaceAnswer, type PlaceOptions, StaticPlace } from './static-place.ts';

export type StaticFilesOptions = Omit<PlaceOptions, 'prefix'> & {
  /** What the paths of files begin with, as PATH_INFO has them; `/` where it is left out. */
  readonly prefix?: string;
  /** Does the application answer what no file does? Else that is a 404. */
  readonly fallthrough?: boolean;
  /** Fields that every answer with a file has; those that are there already they replace. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The application behind files: what is below `prefix` and a file of `root` is answered with the file, for every method
 * (405 for others than GET and HEAD). @throws StartProblem at once when `root` is no folder that can be read.
 */
export function staticFiles(application: Application, options: StaticFilesOptions): Application {
  const { fallthrough = true, headers = {} } = options;
  const prefix = slashed(options.prefix ?? '/');
  const place = new StaticPlace({ ...options, prefix }, 'staticFiles');
  const encoded = Buffer.from(prefix).toString('latin1');
  return (environ, startResponse) => {
    if (!mayBeUnder(encoded, environ.PATH_INFO)) return application(environ, startResponse);
    return answerBy(place, environ, { startResponse, fallthrough, headers, application, encoded });
  };
}

type Call = Required<Pick<StaticFilesOptions, 'fallthrough' | 'headers'>> & {
  readonly startResponse: StartResponse;
  readonly application: Application;
  readonly encoded: string;
};

async function answerBy(place: StaticPlace, environ: Environ, call: Call): Promise<Body> {
  const { application, startResponse, encoded, fallthrough } = call;
  const path = pathOf(environ);
  const isOurs = path.verdict === 'bad' ? environ.PATH_INFO.startsWith(encoded) : place.covers(path.path);
  if (!isOurs) return await application(environ, startResponse);
  const request = requestOf(environ, path.verdict === 'bad' ? { path: '/', opaque: true } : path);
  const answer = path.verdict === 'bad' ? badPath(request, path.why) : await place.answer(request);
  if (answer.verdict !== 'nothing') return await begin(environ, answer, call);
  if (fallthrough) return await application(environ, startResponse);
  return await begin(environ, nothingHere(request, answer.why), call);
}

async function begin(
  environ: Environ,
  answer: Exclude<PlaceAnswer, { verdict: 'nothing' }>,
  { startResponse, headers }: Call,
): Promise<Body> {
  const { status, fields } = answer.head;
  if (status === 404 && answer.verdict === 'answer') environ['wsgi.errors'].write(`static files: ${answer.why}\n`);
  const dressed = status < 400 ? withHeaders(typed(status, fields), headers) : fields;
  const pairs = [...entries(dressed)];
  if (answer.verdict === 'file') {
    return await opened(answer, () => startResponse(`${status} ${reasonPhrase(status)}`, pairs));
  }
  startResponse(`${status} ${reasonPhrase(status)}`, pairs);
  return answer.body === undefined || environ.REQUEST_METHOD === 'HEAD' ? [] : [answer.body];
}

// PEP 3333's validator asks for a Content-Type wherever there may be content.
function typed(status: number, fields: Fields): Fields {
  return status === 301 ? ['Content-Type', 'text/plain; charset=utf-8', ...fields] : fields;
}

function withHeaders(fields: Fields, headers: Readonly<Record<string, string>>): Fields {
  return Object.entries(headers).reduce<Fields>((all, [name, value]) => withField(all, name, value), fields);
}

/** Up to here a file is read and closed before its head goes out. */
const SMALL_BYTES = 64 * 1024;

async function opened({ file, content }: Extract<PlaceAnswer, { verdict: 'file' }>, start: () => void): Promise<Body> {
  let isKept = false;
  try {
    start();
    if (content.is === 'range' && content.range.last - content.range.first < SMALL_BYTES) {
      return [await readRange(file.handle, content.range)];
    }
    isKept = content.is !== 'none';
    return bodyOf(file.handle, content);
  } finally {
    if (!isKept) await file.handle.close();
  }
}

function bodyOf(handle: Handle, content: Content): Body {
  switch (content.is) {
    case 'none':
      return [];
    case 'parts':
      return partsBody(handle, content.parts);
    case 'range':
      return fileBody(handle, content.range);
  }
}

/** Several parts, with the frame that is around them; `close` closes the file. */
function partsBody(handle: Handle, { heads, tail, ranges }: Framed): Body {
  return {
    async *[Symbol.asyncIterator]() {
      for (const [at, range] of ranges.entries()) {
        yield Buffer.from(heads[at] ?? '', 'latin1');
        yield* fileBlocks(handle, range);
      }
      yield Buffer.from(tail, 'latin1');
    },
    close: () => handle.close(),
  };
}

function slashed(prefix: string): string {
  if (!prefix.startsWith('/')) throw new StartProblem(`staticFiles: the prefix ${JSON.stringify(prefix)} is no path`);
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}
