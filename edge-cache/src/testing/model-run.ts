// Plays one sequence of actions against an edge, and holds every answer against the model. After each action it waits
// until nothing moves any more but what the origin holds up, so that a sequence is the same whenever it is played.
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { purge } from '../machine/purger.ts';
import type { ManualPace } from './ban.ts';
import type { Asking } from './client.ts';
import { type Asked, Model } from './model.ts';
import { type Action, type Conditions, type Get, headersOf, ifRangeOf, validatorOf } from './model-actions.ts';
import { complaint } from './model-answer.ts';
import { banAt, purgeAt } from './model-invalidations.ts';
import { ModelOrigin, type Page, terms } from './model-origin.ts';
import { marks, type Seen, sightsOf } from './model-sights.ts';
import type { Stand } from './stand.ts';

type Pending = { readonly asked: Asked; readonly get: Get; readonly conditions: Conditions; readonly asking: Asking };

const LONGEST_SETTLING_MS = 10_000;
/** Behind all lifetimes, and behind all that the edge remembers of keys; milliseconds. */
const BETWEEN_PLAYS_MS = 86_400_000;

const plain: Omit<Page, 'version'> = {
  terms: { cacheControl: '' },
  varies: false,
  tags: ['t0', 'all'],
  groups: ['g0'],
  isText: true,
  isRanging: true,
  hasEtag: true,
  setsCookie: false,
  trouble: 'none',
};

let plays = 0;

/** One sequence. Its pages are its own, so that many can be played against one edge. */
export class Play implements AsyncDisposable {
  readonly model = new Model();
  readonly origin: ModelOrigin;
  readonly #stand: Stand;
  readonly #seen: Seen;
  readonly #pace: ManualPace;
  readonly #folder: string;
  readonly #pending = new Set<Pending>();
  /** What was found to be wrong. */
  readonly #complaints: string[] = [];
  #clients = 0;

  /** `pace` is that of the edge's lurker. */
  constructor(stand: Stand, seen: Seen, pace: ManualPace) {
    plays += 1;
    this.#stand = stand;
    this.#seen = seen;
    this.#pace = pace;
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
    // Where nothing is stored, no ban stays in force.
    while (this.#pace.go());
    assert.equal(this.#stand.edge.bans.size, 0);
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
      case 'ban':
        return this.#invalidate(action);
      case 'lurk':
        return void this.#pace.go();
      case 'post':
        return await this.#post(action.url, action.group);
      case 'wait':
        return this.#stand.clock.advance(action.seconds * 1000);
    }
  }

  async #get(get: Get): Promise<void> {
    const { model } = this;
    this.#clients += 1;
    const url = this.#url(get.url);
    const { version } = this.#page(url);
    const conditions = { validator: validatorOf(get, version), ifRange: ifRangeOf(get, version) };
    const asked: Asked = {
      client: this.#clients,
      order: model.tick(),
      at: this.#stand.clock.now,
      url,
      method: get.method,
      language: get.language,
      hasCookie: get.cookie,
      hasCredentials: get.hasCredentials,
      directive: get.directive,
    };
    model.askedAt.set(asked.client, asked.at);
    const begun = this.#stand.beginnings() + 1;
    const asking = this.#stand.ask(url, { method: get.method, headers: headersOf(get, asked.client, conditions) });
    const pending = { asked, get, conditions, asking };
    this.#pending.add(pending);
    void this.#judge(pending);
    await until(() => this.#stand.beginnings() >= begun, 'the edge has begun');
    await turn();
  }

  async #judge(pending: Pending): Promise<void> {
    const { asked, get, conditions, asking } = pending;
    const answer = await asking.whole().catch(() => undefined);
    if (!this.#pending.delete(pending)) return;
    const now = this.#stand.clock.now;
    const wrong = complaint(this.model, { asked, get, conditions, answer, now });
    const said = answer?.cacheStatus ?? 'broken';
    if (wrong !== undefined) this.#complaints.push(`client ${asked.client} of ${asked.url}: ${wrong} (${said})`);
    for (const [name, mark] of Object.entries(marks)) if (mark.test(said)) this.#count(name);
    for (const sight of sightsOf(get, answer)) this.#count(sight);
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

  #publish({ url: which, isNew, varies, tag, group, ...changes }: Extract<Action, { do: 'publish' }>): void {
    const url = this.#url(which);
    const { version: before } = this.#page(url);
    const version = isNew ? { url, number: before.number + 1, byLanguage: varies } : before;
    // What differs by language must say so.
    const tags = tag === '' ? [] : [tag, 'all'];
    const { terms, hasEtag, setsCookie, isText, isRanging } = changes;
    const page = { version, terms, varies: varies || version.byLanguage, tags, groups: group === '' ? [] : [group] };
    this.#change(which, { ...page, hasEtag, setsCookie, isText, isRanging });
  }

  #change(which: number, changes: Partial<Page>): void {
    const url = this.#url(which);
    this.origin.pages.set(url, { ...this.#page(url), ...changes });
  }

  #invalidate(action: Extract<Action, { do: 'purge' | 'ban' }>): void {
    const place = { url: this.#url(action.what), folder: `${this.#folder}/a/` };
    if (this.origin.holds.size > 0) this.#count(`${action.do} while a fetch was held`);
    if (action.do === 'purge') return purgeAt(this.#stand, this.model, place, action);
    this.#count(`ban by ${action.by}`);
    banAt(this.#stand, this.model, place, action.by);
  }

  async #post(which: number, group: string): Promise<void> {
    const { status } = await this.#stand.send('POST', this.#url(which), { body: 'x', headers: { 'x-group': group } });
    if (status === 204 && group !== '') this.#count('a group was invalidated');
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
