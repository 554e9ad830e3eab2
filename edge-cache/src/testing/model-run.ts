// Plays one sequence of actions against an edge, and holds every answer against the model. After each action it waits
// until nothing moves any more but what the origin holds up, so that a sequence is the same whenever it is played.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { purge } from '../machine/purger.ts';
import type { Selector } from '../policy/purge.ts';
import type { Asking } from './client.ts';
import { type Asked, etagOf, type Given, type Invalidation, Model } from './model.ts';
import { type Action, type Get, headersOf } from './model-actions.ts';
import { complaint } from './model-answer.ts';
import { ModelOrigin, type Page, terms } from './model-origin.ts';
import type { Stand } from './stand.ts';

type Pending = { readonly asked: Asked; readonly asking: Asking };

const LONGEST_SETTLING_MS = 10_000;
/** Behind all lifetimes, and behind all that the edge remembers of keys; milliseconds. */
const BETWEEN_PLAYS_MS = 86_400_000;

const plain: Omit<Page, 'version'> = {
  terms: { cacheControl: '' },
  varies: false,
  tags: ['t0', 'all'],
  hasEtag: true,
  setsCookie: false,
  trouble: 'none',
};

/** What sequences made the edge do, over all of them: a model that is never asked proves nothing. */
export const marks = {
  hit: /; hit; ttl=\d+$/,
  stale: /stale-while-revalidate/,
  rescued: /stale-if-error/,
  renewed: /fwd-status=304/,
  collapsed: /collapsed/,
  stored: /; stored/,
  uncacheable: /detail="(?:private|no-store)"/,
  variant: /fwd=vary-miss/,
} as const;
export type Seen = Map<string, number>;

let plays = 0;

/** One sequence. Its pages are its own, so that many can be played against one edge. */
export class Play implements AsyncDisposable {
  readonly model = new Model();
  readonly origin: ModelOrigin;
  readonly #stand: Stand;
  readonly #seen: Seen;
  readonly #folder: string;
  readonly #pending = new Set<Pending>();
  /** What was found to be wrong. */
  readonly #complaints: string[] = [];
  #clients = 0;

  constructor(stand: Stand, seen: Seen) {
    plays += 1;
    this.#stand = stand;
    this.#seen = seen;
    this.#folder = `/${plays}`;
    stand.clock.advance(BETWEEN_PLAYS_MS);
    this.origin = new ModelOrigin(this.model, stand.clock.read);
    for (const [i, name] of ['a/1', 'a/2', 'b'].entries()) {
      const version = { url: `${this.#folder}/${name}`, number: 1, byLanguage: false };
      this.origin.pages.set(version.url, { ...plain, version, terms: terms[i] ?? plain.terms });
    }
  }

  /** Does one thing, and waits until its effects are over. Throws when an answer came that must not be. */
  async act(action: Action): Promise<void> {
    await this.#do(action);
    await this.#settled();
    assert.deepEqual(this.#complaints, []);
  }

  /** Lets everything go on that is held up, and waits for all answers. */
  async finish(): Promise<void> {
    this.origin.finish();
    await this.#settled();
    assert.deepEqual(this.#complaints, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.origin.finish();
    for (const { asking } of this.#pending) asking.leave();
    await until(() => this.#stand.edge.flights.size === 0, 'no fetch is under way');
    purge(this.#stand.edge, { selector: { by: 'all' }, soft: false, dryRun: false });
  }

  async #do(action: Action): Promise<void> {
    switch (action.do) {
      case 'get':
        return await this.#get(action);
      case 'release':
        return this.#release(action.which);
      case 'leave':
        return this.#leave(action.which);
      case 'publish':
        return this.#publish(action);
      case 'trouble':
        return this.#change(action.url, { trouble: action.trouble });
      case 'purge':
        return this.#purge(action);
      case 'post':
        return await this.#post(action.url);
      case 'wait':
        return this.#stand.clock.advance(action.seconds * 1000);
    }
  }

  async #get(get: Get): Promise<void> {
    const { model } = this;
    this.#clients += 1;
    const url = this.#url(get.url);
    const { version } = this.#page(url);
    const validator = get.hasValidator ? etagOf(version, get.language) : undefined;
    const asked: Asked = {
      client: this.#clients,
      order: model.tick(),
      at: this.#stand.clock.now,
      url,
      method: get.method,
      language: get.language,
      hasCredentials: get.hasCredentials,
      directive: get.directive,
    };
    model.askedAt.set(asked.client, asked.at);
    const begun = this.#stand.beginnings() + 1;
    const asking = this.#stand.ask(url, { method: get.method, headers: headersOf(get, asked.client, validator) });
    const pending = { asked, asking };
    this.#pending.add(pending);
    void this.#judge(pending, get.range, validator);
    await until(() => this.#stand.beginnings() >= begun, 'the edge has begun');
    await turn();
  }

  async #judge(pending: Pending, range: string, validator: string | undefined): Promise<void> {
    const { asked, asking } = pending;
    const answer = await asking.whole().catch(() => undefined);
    if (!this.#pending.delete(pending)) return;
    const now = this.#stand.clock.now;
    const wrong = complaint(this.model, { asked, range, validator, answer, now });
    const said = answer?.cacheStatus ?? 'broken';
    if (wrong !== undefined) this.#complaints.push(`client ${asked.client} of ${asked.url}: ${wrong} (${said})`);
    for (const [name, mark] of Object.entries(marks)) if (mark.test(said)) this.#count(name);
    this.#count(`status ${answer?.status ?? 'broken'}`);
  }

  #release(which: number): void {
    const holds = [...this.origin.holds];
    holds[which % Math.max(1, holds.length)]?.release();
  }

  #leave(which: number): void {
    const all = [...this.#pending];
    const pending = all[which % Math.max(1, all.length)];
    if (pending === undefined) return;
    this.#pending.delete(pending);
    pending.asking.leave();
  }

  #publish({ url: which, isNew, terms, varies, tag, hasEtag, setsCookie }: Extract<Action, { do: 'publish' }>): void {
    const url = this.#url(which);
    const { version: before } = this.#page(url);
    const version = isNew ? { url, number: before.number + 1, byLanguage: varies } : before;
    // What differs by language must say so.
    const page = { version, terms, varies: varies || version.byLanguage, tags: tag === '' ? [] : [tag, 'all'] };
    this.#change(which, { ...page, hasEtag, setsCookie });
  }

  #change(which: number, changes: Partial<Page>): void {
    const url = this.#url(which);
    this.origin.pages.set(url, { ...this.#page(url), ...changes });
  }

  // Whatever else invalidates (a ban, say) is one more action: done to the edge, and told to the model.
  #purge({ by, what, soft }: Extract<Action, { do: 'purge' }>): void {
    const [selector, matches] = this.#selection(by, what);
    if (this.origin.holds.size > 0) this.#count('purged while a fetch was held');
    purge(this.#stand.edge, { selector, soft, dryRun: false });
    this.#invalidated({ isSoft: soft, matches });
  }

  #selection(by: string, what: number): [Selector, (given: Given) => boolean] {
    const url = this.#url(what);
    const folder = `${this.#folder}/a/`;
    switch (by) {
      case 'url':
        return [{ by: 'url', host: undefined, path: url }, ({ version }) => version.url === url];
      case 'prefix':
        return [{ by: 'prefix', host: undefined, path: folder }, ({ version }) => version.url.startsWith(folder)];
      case 'tag':
        return [{ by: 'tags', tags: [`t${what}`] }, ({ tags }) => tags.includes(`t${what}`)];
      default:
        return [{ by: 'all' }, () => true];
    }
  }

  async #post(which: number): Promise<void> {
    const url = this.#url(which);
    const { status } = await this.#stand.send('POST', url, { body: 'x' });
    if (status === 204) this.#invalidated({ isSoft: false, matches: ({ version }) => version.url === url });
  }

  #invalidated(what: Pick<Invalidation, 'isSoft' | 'matches'>): void {
    this.model.invalidations.push({ order: this.model.tick(), at: this.#stand.clock.now, ...what });
  }

  #url(which: number): string {
    return [...this.origin.pages.keys()][which % this.origin.pages.size] ?? '';
  }

  #page(url: string): Page {
    return this.origin.pages.get(url) ?? { ...plain, version: { url, number: 1, byLanguage: false } };
  }

  #count(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
  }

  /** Nothing moves but what is held up: fetches that the origin holds, and clients of pages that it holds. */
  async #settled(): Promise<void> {
    const { holds } = this.origin;
    const held = () => new Set(Array.from(holds, ({ url }) => url));
    const isQuiet = () => {
      const urls = held();
      return (
        this.#stand.edge.flights.size <= holds.size && [...this.#pending].every(({ asked }) => urls.has(asked.url))
      );
    };
    const state = () =>
      `${this.#stand.edge.flights.size} fetches, ${holds.size} held, clients wait: ${Array.from(this.#pending, ({ asked }) => asked.client)}`;
    await until(isQuiet, 'every answer is here that is not held up', state);
  }
}

async function until(isSo: () => boolean, what: string, state = () => ''): Promise<void> {
  const deadline = performance.now() + LONGEST_SETTLING_MS;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `after ${LONGEST_SETTLING_MS} ms it is not so that ${what}; ${state()}`);
    await turn();
  }
}
