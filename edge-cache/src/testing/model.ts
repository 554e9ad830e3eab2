/**
 * What a cache may answer, as simply as it can be said: every answer that the origin ever gave is remembered, with all
 * that was invalidated and all that failed, and each answer that a client got is held against them. No store, no keys,
 * no fetches: how the edge works is not known here, so that nothing of it can be wrong here in the same way.
 */

/** How an answer may be used, beside the text that says so. Seconds. */
export type Terms = {
  readonly cacheControl: string;
  /** Undefined: it is the answer to nothing but its own question. */
  readonly ttl?: number;
  readonly graceSeconds?: number;
  readonly onErrorSeconds?: number;
  /** Nothing is said of its use: good for standing in when it can be validated, and to nobody who sends cookies. */
  readonly isSilent?: boolean;
  /** Never to be given out stale. */
  readonly isStrict?: boolean;
  /** May be shared between requests with credentials and others. */
  readonly servesAuthorized?: boolean;
};

/** What a page is at one moment. */
export type Version = { readonly url: string; readonly number: number; readonly byLanguage: boolean };

/** One answer of the origin. */
export type Given = {
  readonly serial: number;
  /** When the request for it came, in the order of all that happened, and in milliseconds since the epoch. */
  readonly order: number;
  readonly at: number;
  /** When its head went out; 0 before. */
  headOrder: number;
  readonly status: number;
  readonly version: Version;
  readonly terms: Terms;
  readonly varies: boolean;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly setsCookie: boolean;
  readonly request: {
    readonly client: number;
    readonly language: string;
    readonly hasCookie: boolean;
    readonly hasCredentials: boolean;
  };
};

/** What one client asked for. */
export type Asked = {
  readonly client: number;
  readonly order: number;
  readonly at: number;
  readonly url: string;
  readonly method: 'GET' | 'HEAD';
  readonly language: string;
  readonly hasCookie: boolean;
  readonly hasCredentials: boolean;
  readonly directive: string;
};

/** Something that made earlier answers outdated: a purge, a ban, the success of an unsafe method. */
export type Invalidation = {
  /** Answers to what was asked of the origin before it are meant, for clients that ask after it. */
  readonly order: number;
  readonly at: number;
  /** They are stale from now on, but not gone. */
  readonly isSoft: boolean;
  /** Of a client that asks: some bans are meant for the requests of a few. */
  matches(given: Given, asked: Asked): boolean;
};

export type Failure = { readonly url: string; readonly order: number; readonly at: number };

/** The longest time for which a cache may take a failing origin for failing still; milliseconds. */
const MEMORY_OF_FAILURE_MS = 30_000;

/** The body of a version, as every client must get it. */
export function bodyOf({ url, number, byLanguage }: Version, language: string): string {
  const line = `${url} v${number} ${byLanguage ? language : 'any'}\n`;
  return line.repeat([4000, 3, 200][number % 3] ?? 3);
}

export function etagOf({ url, number, byLanguage }: Version, language: string): string {
  return `"${url}-${number}-${byLanguage ? language : 'any'}"`;
}

export class Model {
  readonly given: Given[] = [];
  readonly invalidations: Invalidation[] = [];
  readonly failures: Failure[] = [];
  /** When each client asked; milliseconds since the epoch. */
  readonly askedAt = new Map<number, number>();
  #order = 0;

  /** The next place in the order of all that happens. */
  tick(): number {
    this.#order += 1;
    return this.#order;
  }

  /** Did the origin fail for this page since then? */
  hasFailedSince(url: string, order: number): boolean {
    return this.failures.some((failure) => failure.url === url && failure.order > order);
  }

  /** Why this answer of the origin must not be what the client got; undefined when it may. */
  objection(asked: Asked, given: Given): string | undefined {
    if (given.version.url !== asked.url) return 'it is the answer for another page';
    if (given.varies && given.request.language !== asked.language) return 'it is another variant';
    return given.request.client === asked.client ? undefined : this.#notToShare(asked, given);
  }

  #notToShare(asked: Asked, given: Given): string | undefined {
    const { terms, request, order } = given;
    const isPublic = terms.cacheControl.includes('public');
    const isOutdated = this.#invalidated(asked, given).some(({ isSoft }) => !isSoft || terms.isStrict);
    const rules: readonly (readonly [isBroken: boolean, why: string])[] = [
      [given.status >= 500, 'an error was shared'],
      [terms.ttl === undefined, `"${terms.cacheControl}" is for nobody else`],
      [request.hasCookie && (terms.isSilent ?? false), 'it was given to somebody with cookies'],
      [given.setsCookie && !isPublic, 'it sets a cookie for somebody else'],
      [request.hasCredentials && !terms.servesAuthorized, 'it was given to somebody with credentials'],
      [asked.hasCredentials && !terms.servesAuthorized, 'it was not meant for credentials'],
      [isOutdated, `it was asked for at ${order}, before it was invalidated`],
      [asked.directive === 'no-store', 'the client wanted nothing that is stored'],
      [!this.#isInTime(asked, given), 'it was too old'],
    ];
    return rules.find(([isBroken]) => isBroken)?.[1];
  }

  #invalidated(asked: Asked, given: Given): Invalidation[] {
    return this.invalidations.filter(
      (one) => given.order < one.order && one.order < asked.order && one.matches(given, asked),
    );
  }

  #isInTime(asked: Asked, given: Given): boolean {
    // One that asks while the answer is being made has asked the same question.
    const isTogether = given.headOrder > asked.order && asked.directive !== 'no-cache' && !given.terms.isSilent;
    return isTogether || this.#isYoungEnough(asked, given);
  }

  #isYoungEnough(asked: Asked, given: Given): boolean {
    const { directive, at } = asked;
    const { ttl = 0, graceSeconds = 0, onErrorSeconds = 0, isStrict } = given.terms;
    const softened = this.#invalidated(asked, given).map((one) => one.at);
    const freshUntil = Math.min(given.at + ttl * 1000, ...softened);
    const [grace, onError] = isStrict ? [0, 0] : [graceSeconds, onErrorSeconds];
    if (this.#isFailing(asked) && at < freshUntil + onError * 1000) return true;
    const isTooOld = directive === 'no-cache' || (directive === 'max-age=5' && at - given.at > 5000);
    return !isTooOld && at < freshUntil + grace * 1000;
  }

  #isFailing({ url, order, at }: Asked): boolean {
    const isRecent = (failure: Failure) => failure.url === url && at - failure.at <= MEMORY_OF_FAILURE_MS;
    return this.hasFailedSince(url, order) || this.failures.some(isRecent);
  }
}
