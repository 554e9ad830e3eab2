/**
 * Folders that the server answers from by itself, before an application is called and before a request waits for one:
 * `APP_STATIC=/static/=DIR,/media/=DIR2`. Prefixes are those of PATH_INFO, behind APP_MOUNT, as WhiteNoise matches them.
 * What is not there is the server's 404, so that no process is kept busy by names that nobody has; below the prefix `/` it
 * is the application's to answer.
 */
import type { ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { sendReply } from '@trivet/kit/files/reply.ts';
import type { Symlinks } from '@trivet/kit/files/root.ts';
import { type Head, sendHead } from '@trivet/kit/files/send.ts';
import { note, standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { type NormalPath, normalizePath } from '@trivet/kit/semantics/path.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { forwardedPrefix } from '../gateway/environ.ts';
import { percentDecode } from '../gateway/mount-point.ts';
import { utf8OfLatin1 } from '../latin1.ts';
import type { Latin1 } from '../wsgi.ts';
import { badPath, nothingHere, type PlaceAnswer, type PlaceRequest, StaticPlace } from './static-place.ts';

/** One member of `APP_STATIC`; the prefix begins and ends with a slash. */
export type StaticFolder = { readonly prefix: string; readonly folder: string };

export type StaticPlacesOptions = {
  readonly folders: readonly StaticFolder[];
  /** What relative folders are below. */
  readonly chdir: string;
  readonly mount: Latin1;
  /** Seconds; 0: nothing is said. */
  readonly maxAge: number;
  readonly symlinks: Symlinks;
  readonly serverTiming: boolean;
};

/** `fallsThrough`: the application answers what no file does. */
type Place = { readonly place: StaticPlace; readonly fallsThrough: boolean };

type Found = Place & { readonly path: NormalPath };

export class StaticPlaces {
  readonly #serverTiming: boolean;
  /** The longest prefix first. */
  readonly #places: readonly Place[];

  /** @throws StartProblem naming every folder that is not there or cannot be read, and what to do. */
  constructor({ folders, chdir, mount, maxAge, symlinks, serverTiming }: StaticPlacesOptions) {
    this.#serverTiming = serverTiming;
    const problems: string[] = [];
    const places = folders.flatMap(({ prefix, folder }): Place[] => {
      const options = { root: resolve(chdir, folder), prefix: utf8OfLatin1(mount) + prefix, symlinks };
      try {
        const place = new StaticPlace({ ...options, maxAge: maxAge === 0 ? undefined : maxAge }, 'APP_STATIC');
        return [{ place, fallsThrough: prefix === '/' }];
      } catch (error) {
        if (!(error instanceof StartProblem)) throw error;
        problems.push(`${error.message}: put the files of ${prefix} there, or name another folder in APP_STATIC`);
        return [];
      }
    });
    if (problems.length > 0) throw new StartProblem(problems.join('; '), { problems });
    this.#places = places.sort((a, b) => b.place.prefix.length - a.place.prefix.length);
  }

  /** May a file answer this target? Asks no disk. Who answers in another way than by `tryStatic` has to ask first. */
  covers(target: string): boolean {
    return this.#find(target) !== undefined;
  }

  /**
   * Answers with a file, or with why there is none; false, perhaps later, when the request is the application's. Rejects
   * as a handler does.
   */
  tryStatic(inbound: Inbound, response: ServerResponse): boolean | Promise<boolean> {
    const found = this.#find(inbound.target);
    return found !== undefined && this.#answer(found, inbound, response);
  }

  #find(target: string): Found | undefined {
    if (this.#places.length === 0 || !target.startsWith('/')) return undefined;
    const raw = splitQuery(target).path;
    const path = normalizePath(raw);
    const judged = path.verdict === 'bad' ? utf8OfLatin1(percentDecode(raw)) : path.path;
    const found = this.#places.find(({ place }) => place.covers(judged));
    return found && { ...found, path };
  }

  async #answer({ place, fallsThrough, path }: Found, inbound: Inbound, response: ServerResponse): Promise<boolean> {
    const request = requestOf(inbound, path);
    const answer = path.verdict === 'bad' ? badPath(request, path.why) : await place.answer(request);
    if (answer.verdict !== 'nothing') await this.#send(answer, inbound, response);
    else if (fallsThrough) return false;
    else await this.#send(nothingHere(request, answer.why), inbound, response);
    return true;
  }

  async #send(
    answer: Exclude<PlaceAnswer, { verdict: 'nothing' }>,
    inbound: Inbound,
    response: ServerResponse,
  ): Promise<void> {
    const own = standardFields(inbound, this.#serverTiming ? 'app' : undefined);
    const head: Head = { status: answer.head.status, fields: [...answer.head.fields, ...own] };
    if (answer.verdict === 'file') {
      try {
        return await sendReply(response, head, answer.file.handle, answer.content);
      } finally {
        await answer.file.handle.close();
      }
    }
    if (answer.why !== undefined) note(response, { why: answer.why });
    // What is still to come of a refused request is not read: nobody knows how much it is, or what stands behind it.
    const isRefused = head.status >= 400;
    if (head.status === 400 || (isRefused && inbound.body?.complete === false)) response.shouldKeepAlive = false;
    sendHead(response, head, answer.body);
  }
}

function requestOf(inbound: Inbound, path: NormalPath): PlaceRequest {
  const { method, fields, id, target } = inbound;
  const isGood = path.verdict === 'path';
  return {
    ...{ method, fields, id },
    query: splitQuery(target).query,
    base: inbound.peer.trusted ? utf8OfLatin1(forwardedPrefix(fields) ?? '') : '',
    path: isGood ? path.path : '/',
    opaque: !isGood || path.opaque,
  };
}
