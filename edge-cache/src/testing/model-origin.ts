// The origin of the model: pages that change, fail and can be held up, and that says of every answer which one it is.
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { field, has } from '@trivet/kit/semantics/fields.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import type { ScriptedRequest } from '@trivet/kit/testing/scripted-request.ts';
import { bodyOf, etagOf, type Given, type Model, type Terms, type Version } from './model.ts';

/** How long a stale answer of this origin stands in where it does not say so itself; the edge is set to it. Seconds. */
export const ON_ERROR_SECONDS = 20;

const sie = { onErrorSeconds: ON_ERROR_SECONDS };

/** What an answer may say of its use, and what that means. */
export const terms: readonly Terms[] = [
  { cacheControl: 'max-age=10', ttl: 10, ...sie },
  { cacheControl: 'max-age=10, stale-while-revalidate=20', ttl: 10, graceSeconds: 20, ...sie },
  { cacheControl: 'max-age=10, stale-if-error=40', ttl: 10, onErrorSeconds: 40 },
  { cacheControl: 'public, max-age=20', ttl: 20, servesAuthorized: true, ...sie },
  { cacheControl: 's-maxage=10', ttl: 10, isStrict: true, servesAuthorized: true },
  { cacheControl: 'max-age=10, must-revalidate', ttl: 10, isStrict: true, servesAuthorized: true },
  { cacheControl: 'max-age=20, no-transform', ttl: 20, ...sie },
  { cacheControl: 'max-age=0', ttl: 0, ...sie },
  { cacheControl: 'no-cache' },
  { cacheControl: 'no-store, max-age=10' },
  { cacheControl: 'private, max-age=10' },
  { cacheControl: '', ttl: 0, isSilent: true, ...sie },
];

export type Trouble = 'none' | 'break' | '500' | '503' | 'abort';

export type Page = {
  readonly version: Version;
  readonly terms: Terms;
  readonly varies: boolean;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  /** Of a type that is worth compressing. */
  readonly isText: boolean;
  /** Answers a request for one range with that. */
  readonly isRanging: boolean;
  readonly hasEtag: boolean;
  readonly setsCookie: boolean;
  readonly trouble: Trouble;
};

type Part = { readonly first: number; readonly last: number };
type Sending = { readonly isHeld: boolean; readonly part: Part | undefined };

/** An answer that waits for the test to let it go on. */
export type Hold = { readonly url: string; release(): void };

export class ModelOrigin {
  readonly pages = new Map<string, Page>();
  readonly holds = new Set<Hold>();
  readonly #model: Model;
  readonly #clock: () => number;
  #isOver = false;

  constructor(model: Model, clock: () => number) {
    this.#model = model;
    this.#clock = clock;
  }

  /** Nothing is held any more. */
  finish(): void {
    this.#isOver = true;
    for (const hold of this.holds) hold.release();
  }

  async play(request: ScriptedRequest, reply: ScriptedReply): Promise<void> {
    const found = this.pages.get(request.target);
    if (found === undefined) return reply.send(404);
    // Nor does a HEAD that says nothing of its use renew what is stored: it would leave what was said before.
    const isSilent = request.method === 'HEAD' && found.terms.cacheControl === '';
    const page = isSilent ? { ...found, hasEtag: false } : found;
    if (request.method === 'POST') return this.#post(request, page, reply);
    const given = this.#answer(request, page);
    this.#model.given.push(given);
    const hold = field(request.fields, 'x-hold');
    if (hold === 'head') await this.#held(request.target, reply);
    given.headOrder = this.#model.tick();
    if (page.trouble !== 'none') return await this.#fail(given, page, reply);
    if (given.status === 304) return reply.send(304, this.#fields(given, page));
    await this.#send(given, page, reply, {
      isHeld: hold === 'body' && request.method !== 'HEAD',
      part: this.#wanted(request, page),
    });
  }

  #answer(request: ScriptedRequest, page: Page): Given {
    const { fields } = request;
    const language = field(fields, 'x-lang') ?? '';
    // A 304 that said nothing of its use would leave what was said before, which is nothing to be simple about.
    const mayRenew = page.hasEtag && page.terms.cacheControl !== '';
    const isKnown = mayRenew && field(fields, 'if-none-match') === etagOf(page.version, language);
    const fine = isKnown ? 304 : this.#wanted(request, page) === undefined ? 200 : 206;
    const status = page.trouble === '500' || page.trouble === '503' ? Number(page.trouble) : fine;
    return {
      serial: this.#model.given.length + 1,
      order: this.#model.tick(),
      at: this.#clock(),
      headOrder: 0,
      status,
      version: page.version,
      terms: page.terms,
      varies: page.varies,
      tags: page.tags,
      groups: page.groups,
      setsCookie: page.setsCookie,
      request: {
        client: Number(field(fields, 'x-client')),
        language,
        hasCookie: has(fields, 'cookie'),
        hasCredentials: has(fields, 'authorization'),
      },
    };
  }

  // What is asked for from here on is newer, whenever the edge hears of it.
  #post({ target, fields }: ScriptedRequest, { trouble }: Page, reply: ScriptedReply): void {
    if (trouble !== 'none') {
      this.#failed(target);
      return reply.send(500);
    }
    const group = field(fields, 'x-group') ?? '';
    const matches = ({ version, groups }: Given) => version.url === target || groups.includes(group);
    this.#model.invalidations.push({ order: this.#model.tick(), at: this.#clock(), isSoft: false, matches });
    reply.send(204, group === '' ? [] : ['Cache-Group-Invalidation', `"${group}"`]);
  }

  async #fail(given: Given, page: Page, reply: ScriptedReply): Promise<void> {
    const { serial, version, request } = given;
    const { trouble } = page;
    if (trouble === 'abort') {
      const body = bodyOf(version, request.language);
      reply.head(200, [...this.#fields(given, page), ...lengthOf(given, body)]);
      await reply.write(body.slice(0, body.length / 2));
    }
    this.#failed(version.url);
    if (trouble === '500' || trouble === '503') reply.send(Number(trouble), ['X-Serial', String(serial)]);
    else reply.break();
  }

  async #send(given: Given, page: Page, reply: ScriptedReply, { isHeld, part }: Sending): Promise<void> {
    const whole = bodyOf(given.version, given.request.language);
    const body = part === undefined ? whole : whole.slice(part.first, part.last + 1);
    const place = part && ['Content-Range', `bytes ${part.first}-${part.last}/${whole.length}`];
    reply.head(given.status, [...this.#fields(given, page), ...(place ?? []), ...lengthOf(given, body)]);
    if (isHeld) {
      await reply.write(body.slice(0, body.length / 2));
      await this.#held(given.version.url, reply);
      reply.end(body.slice(body.length / 2));
    } else reply.end(body);
  }

  // The one part that is asked for, when it is one of this version.
  #wanted({ method, fields }: ScriptedRequest, { version, isRanging, hasEtag }: Page): Part | undefined {
    const language = field(fields, 'x-lang') ?? '';
    const ifRange = field(fields, 'if-range');
    const isMeant = ifRange === undefined || (hasEtag && ifRange === etagOf(version, language));
    if (!isRanging || !isMeant || method !== 'GET') return undefined;
    return partIn(bodyOf(version, language).length, field(fields, 'range'));
  }

  #fields(given: Given, { hasEtag, isText }: Page): string[] {
    const { serial, at, version, terms, varies, tags, groups, setsCookie, request } = given;
    return [
      ...['X-Serial', String(serial), 'Date', formatHttpDate(at)],
      ...(terms.cacheControl === '' ? [] : ['Cache-Control', terms.cacheControl]),
      ...(varies ? ['Vary', 'X-Lang'] : []),
      ...(tags.length === 0 ? [] : ['Surrogate-Key', tags.join(' ')]),
      ...['X-Tags', tags.join(' ') || 'none', 'Content-Type', isText ? 'text/plain' : 'application/octet-stream'],
      ...(groups.length === 0 ? [] : ['Cache-Groups', groups.map((group) => `"${group}"`).join(', ')]),
      ...(hasEtag ? ['ETag', etagOf(version, request.language)] : []),
      ...(setsCookie ? ['Set-Cookie', 'who=me'] : []),
    ];
  }

  #failed(url: string): void {
    this.#model.failures.push({ url, order: this.#model.tick(), at: this.#clock() });
  }

  async #held(url: string, reply: ScriptedReply): Promise<void> {
    if (this.#isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const hold: Hold = { url, release: resolve };
    this.holds.add(hold);
    await Promise.race([promise, reply.closed]);
    this.holds.delete(hold);
  }
}

// Every other version comes in chunks.
function lengthOf({ version }: Given, body: string): string[] {
  return version.number % 2 === 0 ? ['Content-Length', String(body.length)] : [];
}

function partIn(length: number, range = ''): Part | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (`${from}${to}` === '') return undefined;
  if (from === '') return { first: Math.max(0, length - Number(to)), last: length - 1 };
  const last = to === '' ? length - 1 : Math.min(length - 1, Number(to));
  return Number(from) > last ? undefined : { first: Number(from), last };
}
