/**
 * A folder whose files answer the paths below a prefix: what WhiteNoise is to an application, by the rules of the front
 * (`kit/files`). Decides and opens; who sends is told the head, and which bytes of the file follow it.
 */

import { factsOf } from '@trivet/kit/files/answer.ts';
import { pathComplaints } from '@trivet/kit/files/asked-path.ts';
import { type Located, type Location, locate } from '@trivet/kit/files/locate.ts';
import { OpenFiles } from '@trivet/kit/files/open-files.ts';
import { type Content, notForFiles, refusedFile, replyTo } from '@trivet/kit/files/reply.ts';
import { type NamedPath, resolve } from '@trivet/kit/files/resolve.ts';
import { Root, type Symlinks } from '@trivet/kit/files/root.ts';
import { errorPolicy, withSecurity } from '@trivet/kit/files/security-headers.ts';
import type { Head } from '@trivet/kit/files/send.ts';
import { wantedCodings } from '@trivet/kit/files/wanted-codings.ts';
import { errorPage } from '@trivet/kit/semantics/error-page.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { encodePath } from '@trivet/kit/semantics/path.ts';

export type PlaceOptions = {
  /** The folder, from where the process was started unless it is absolute. */
  readonly root: string;
  /** What the paths of its files begin with, UTF-8 and not encoded; it begins and ends with a slash. */
  readonly prefix: string;
  /** Names that stand for a folder; `index.html`. */
  readonly index?: readonly string[] | undefined;
  /** How long a file may be kept whose name has no hash; seconds. Left out: nothing is said of it. HTML: `no-cache`. */
  readonly maxAge?: number | undefined;
  /** Which links below the root are followed: those that stay `inside` it, `never`, `any`. */
  readonly symlinks?: Symlinks | undefined;
};

/** A request as a place sees it; `path` is normalised, and without what is mounted in front of it. */
export type PlaceRequest = NamedPath & {
  readonly method: string;
  readonly fields: Fields;
  readonly query: string | undefined;
  /** What a client has to write before `path`, not encoded. */
  readonly base: string;
  readonly id: string;
};

type Answered = {
  readonly verdict: 'answer';
  readonly head: Head;
  /** For the log: why it was refused, and where it was looked for. */
  readonly why?: string;
  readonly body?: Buffer;
};

export type PlaceAnswer =
  | Answered
  /** The file is open; whoever gets it closes it. */
  | { readonly verdict: 'file'; readonly head: Head; readonly file: Located; readonly content: Content }
  /** Nothing of that name is here, and what else there is may be asked. */
  | { readonly verdict: 'nothing'; readonly why: string };

const onlyIndex = ['index.html'];
const nosniff = ['X-Content-Type-Options', 'nosniff'];
/** Files that are asked for again and again stay open; per process and place. */
const mostOpen = 256;

export class StaticPlace {
  readonly prefix: string;
  readonly #options: PlaceOptions;
  readonly #root: Root;
  readonly #opens: OpenFiles;
  readonly #now: () => number;

  /** @throws StartProblem that begins with `setting`, when the folder is not there or cannot be read. */
  constructor(options: PlaceOptions, setting: string, now = Date.now) {
    this.prefix = options.prefix;
    this.#options = options;
    this.#root = Root.openSync(options.root, setting, options.symlinks);
    this.#opens = new OpenFiles({ root: this.#root, most: mostOpen, leastBytes: 0 });
    this.#now = now;
  }

  /** Is this normalised path one of those that the place is for? */
  covers(path: string): boolean {
    return path.startsWith(this.prefix);
  }

  /** What the place answers to a request that it covers. Rejects for trouble with the disk alone. */
  async answer(request: PlaceRequest): Promise<PlaceAnswer> {
    const location = await this.#locate(request);
    switch (location.found) {
      case 'file':
        return await this.#fromFile(request, location.file);
      case 'folder':
        return request.method === 'GET' || request.method === 'HEAD'
          ? withSlash(request)
          : refused(request, notForFiles);
      case 'withheld':
        return nothingHere(request, `${this.#named(request.path)}: ${location.why}`);
      case 'listing':
      case 'nothing':
        return { verdict: 'nothing', why: `no file ${this.#named(request.path)}` };
    }
  }

  /** A path as the log names it: where on the disk it was looked for. */
  #named(path: string): string {
    return `${this.#root.path}/${path.slice(this.prefix.length)}`;
  }

  async #locate({ path, opaque, fields }: PlaceRequest): Promise<Location> {
    const index = this.#options.index ?? onlyIndex;
    const named = resolve({ path: path.slice(this.prefix.length - 1), opaque }, { index });
    // RFC 8615 §3: what is well-known is so at the top alone.
    if (named.names === 'hidden' || isHiddenHere(this.prefix, path)) return { found: 'withheld', why: 'hidden' };
    if (named.names === 'nothing') return { found: 'nothing' };
    const wanted = wantedCodings(field(fields, 'accept-encoding'));
    return await locate(this.#opens, { folder: '.', index }, named, wanted);
  }

  async #fromFile(request: PlaceRequest, file: Located): Promise<PlaceAnswer> {
    const reply = replyTo(request, factsOf(file, this.#options.maxAge), this.#now());
    if (reply.verdict === 'answer' && reply.content.is !== 'none') {
      return { verdict: 'file', head: reply.head, file, content: reply.content };
    }
    await file.handle.close();
    if (reply.verdict === 'refuse') return refused(request, refusedFile(reply));
    return { verdict: 'answer', head: reply.head };
  }
}

function isHiddenHere(prefix: string, path: string): boolean {
  return prefix !== '/' && path.startsWith('.', prefix.length);
}

// Without host and scheme: those of a server behind others are not what the client sees.
function withSlash({ base, path, query }: PlaceRequest): PlaceAnswer {
  const location = `${encodePath(`${base}${path}`.replace(/^\/+/, '/'))}/${query === undefined ? '' : `?${query}`}`;
  return {
    verdict: 'answer',
    head: { status: 301, fields: ['Location', location, 'Content-Length', '0', ...nosniff] },
  };
}

type Refusal = {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly fields: Fields;
};

// The page of a refusal, as the front has it.
function refused(
  { id, fields }: Pick<PlaceRequest, 'id' | 'fields'>,
  { status, reason, message, fields: own }: Refusal,
  why = reason,
): Answered {
  const page = errorPage({ tier: 'app-backend', status, reason, message, requestId: id }, field(fields, 'accept'));
  const head = { status, fields: [...withSecurity(page.fields, errorPolicy), ...own] };
  return { verdict: 'answer', head, body: page.body, why };
}

/** The page that says no more than that there is nothing; the log says what was looked for. */
export function nothingHere(request: Pick<PlaceRequest, 'id' | 'fields'>, why: string): Answered {
  const message = 'there is nothing of this name here';
  return refused(request, { status: 404, reason: 'not-found', message, fields: [] }, why);
}

/** The page for a path that no two readers agree on. */
export function badPath(request: Pick<PlaceRequest, 'id' | 'fields'>, why: keyof typeof pathComplaints): Answered {
  return refused(request, { status: 400, reason: 'bad-path', message: pathComplaints[why], fields: [] });
}
