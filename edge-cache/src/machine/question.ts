import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, field, has, withField, without } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';
import type { Edit } from '../define-policy.ts';
import { applied } from '../edit.ts';
import { builtIn } from '../policy/built-in.ts';
import { type Directives, noDirectives, requestDirectives } from '../policy/directives.ts';
import { type Resource, resourceOf } from '../policy/key.ts';
import { HAS_COOKIE, IS_CONDITIONAL, SPEAKS_OF_CACHES, traitsOf } from '../policy/request-traits.ts';
import { type RequestView, requestView } from '../policy/views.ts';
import type { Rules } from '../rules.ts';

/** What of a request is asked for here; `explain` makes one up. */
export type Asked = Pick<Inbound, 'method' | 'target' | 'host' | 'scheme' | 'version' | 'fields' | 'client'>;

/** A request as this edge understands it: what it is for, and under which key. */
export class Question<T extends Asked = Asked> {
  readonly inbound: T;
  readonly rules: Rules;
  readonly resource: Resource;
  readonly #honoursDirectives: boolean;
  #requestFields: Fields;
  /** Of the request's fields. */
  #traits: number;
  #fields: Fields;
  #directives: Directives;
  #key: string | undefined;
  #view: RequestView | undefined;

  /** `traits`: of the inbound's fields, where they are known. */
  constructor(inbound: T, rules: Rules, honoursDirectives: boolean, traits = traitsOf(inbound.fields)) {
    this.inbound = inbound;
    this.rules = rules;
    this.resource = resourceOf(inbound.host, inbound.target, rules.queryFilter);
    this.#honoursDirectives = honoursDirectives;
    this.#requestFields = inbound.fields;
    this.#traits = traits;
    this.#directives = this.#heard();
    this.#fields = this.#lookedUp();
  }

  /** As the client sent them, but for what the policy's `receive` changed. */
  get requestFields(): Fields {
    return this.#requestFields;
  }

  /** The request as it is looked up and fetched: without the cookies that the policy drops. */
  get fields(): Fields {
    return this.#fields;
  }

  /** The client's own, where they are honoured. */
  get directives(): Directives {
    return this.#directives;
  }

  /** Is it one that a stored response would answer in part, or not at all? RFC 9110 §13, §14. */
  get isConditional(): boolean {
    return (this.#traits & IS_CONDITIONAL) !== 0;
  }

  /** What the policy's `receive` sets and removes is so for all that follows. */
  change(edit: Edit): void {
    this.#requestFields = applied(edit, this.#requestFields);
    this.#traits = traitsOf(this.#requestFields);
    this.#directives = this.#heard();
    this.#fields = this.#lookedUp();
    this.#key = undefined;
    this.#view = undefined;
  }

  /** The request as the policy's hooks see it. */
  get view(): RequestView {
    const { method, target, scheme, client } = this.inbound;
    const { esiLevel, resource } = this;
    const { host } = resource;
    this.#view ??= requestView({ method, target, scheme, client, host, fields: this.#requestFields, esiLevel });
    return this.#view;
  }

  /** How deep in a page its answer stands; 0 for what a client asks for. */
  get esiLevel(): number {
    return 0;
  }

  /** The backend that the policy would send it to; undefined is the default. */
  get backend(): string | undefined {
    return this.rules.editsFetch ? this.rules.fetch(this.view)?.backend : undefined;
  }

  get key(): string {
    this.#key ??= (this.rules.hasKey ? this.rules.key(this.view) : undefined) ?? builtIn.key(this.resource);
    return this.#key;
  }

  /** The key, unless the policy's hook would have to be asked for it: it may be the one that failed. */
  get knownKey(): string | undefined {
    return this.#key ?? (this.rules.hasKey ? undefined : this.key);
  }

  /** Requests with credentials fly apart from those without. */
  get lane(): string {
    return has(this.fields, 'authorization') ? `credentials ${this.key}` : this.key;
  }

  get method(): string {
    return this.inbound.method;
  }

  /** May 1xx be passed on? RFC 9110 §15.2. */
  get takesInterim(): boolean {
    return this.inbound.version === '1.1';
  }

  get #speaksOfCaches(): boolean {
    return (this.#traits & SPEAKS_OF_CACHES) !== 0;
  }

  #heard(): Directives {
    return this.#honoursDirectives && this.#speaksOfCaches ? requestDirectives(this.#requestFields) : noDirectives;
  }

  #lookedUp(): Fields {
    const isWithheld = this.#speaksOfCaches && !this.#honoursDirectives;
    const fields = isWithheld ? withoutDirectives(this.#requestFields) : this.#requestFields;
    if ((this.#traits & HAS_COOKIE) === 0) return fields;
    const cookie = field(fields, 'cookie');
    return cookie === undefined ? fields : withCookies(fields, cookie, this.rules.cookies(cookie));
  }

  /** Does the client take trailers? RFC 9110 §6.5.1. */
  get takesTrailers(): boolean {
    const te = field(this.inbound.fields, 'te');
    return te !== undefined && this.inbound.version === '1.1' && splitList(te.toLowerCase()).includes('trailers');
  }
}

// What is not honoured here must not bypass the caches behind us either.
function withoutDirectives(fields: Fields): Fields {
  return without(fields, (name) => name === 'cache-control' || name === 'pragma');
}

function withCookies(fields: Fields, before: string, after: string | undefined): Fields {
  if (after === before) return fields;
  return after === undefined ? without(fields, (name) => name === 'cookie') : withField(fields, 'Cookie', after);
}
