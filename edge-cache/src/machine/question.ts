import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, field, has, withField, without } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';
import { type Directives, noDirectives, requestDirectives } from '../policy/directives.ts';
import { type Resource, resourceOf } from '../policy/key.ts';
import { type RequestView, requestView } from '../policy/views.ts';
import type { Rules } from '../rules.ts';

/** What of a request is asked for here; `explain` makes one up. */
export type Asked = Pick<Inbound, 'method' | 'target' | 'host' | 'scheme' | 'version' | 'fields' | 'client'>;

/** A request as this edge understands it: what it is for, and under which key. */
export class Question<T extends Asked = Asked> {
  readonly inbound: T;
  readonly rules: Rules;
  readonly resource: Resource;
  /** The request as it is looked up and fetched: without the cookies that the policy drops. */
  readonly fields: Fields;
  /** The client's own, where they are honoured. */
  readonly directives: Directives;
  #key: string | undefined;
  #view: RequestView | undefined;

  constructor(inbound: T, rules: Rules, honoursDirectives: boolean) {
    this.inbound = inbound;
    this.rules = rules;
    this.resource = resourceOf(inbound.host, inbound.target, rules.queryFilter);
    this.directives = honoursDirectives ? requestDirectives(inbound.fields) : noDirectives;
    const fields = honoursDirectives ? inbound.fields : withoutDirectives(inbound.fields);
    const cookie = field(fields, 'cookie');
    this.fields = cookie === undefined ? fields : withCookies(fields, cookie, rules.cookies(cookie));
  }

  /** The request as the policy's hooks see it. */
  get view(): RequestView {
    const { method, target, scheme, client, fields } = this.inbound;
    const { esiLevel, resource } = this;
    this.#view ??= requestView({ method, target, scheme, client, fields, host: resource.host, esiLevel });
    return this.#view;
  }

  /** How deep in a page its answer stands; 0 for what a client asks for. */
  get esiLevel(): number {
    return 0;
  }

  get key(): string {
    this.#key ??=
      (this.rules.hasKey ? this.rules.key(this.view) : undefined) ?? this.resource.host + this.resource.path;
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

  /** Does the client take trailers? RFC 9110 §6.5.1. */
  get takesTrailers(): boolean {
    const te = field(this.inbound.fields, 'te');
    return te !== undefined && this.inbound.version === '1.1' && splitList(te.toLowerCase()).includes('trailers');
  }
}

// What is not honoured here must not bypass the caches behind us either.
function withoutDirectives(fields: Fields): Fields {
  const speaks = has(fields, 'cache-control') || has(fields, 'pragma');
  return speaks ? without(fields, (name) => name === 'cache-control' || name === 'pragma') : fields;
}

function withCookies(fields: Fields, before: string, after: string | undefined): Fields {
  if (after === before) return fields;
  return after === undefined ? without(fields, (name) => name === 'cookie') : withField(fields, 'Cookie', after);
}
