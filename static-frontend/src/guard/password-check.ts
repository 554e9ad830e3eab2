/**
 * Whether names and passwords belong together. A hash is made to be dear, so what was right is remembered for a minute, and
 * few are computed at once: the disk shares the thread pool with them. Never keeps a password: only a keyed digest.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Credentials } from './credentials.ts';
import type { User, Users } from './password-file.ts';
import { isPassword, type PasswordHash } from './password-hash.ts';

const remembersMs = 60_000;
const mostRemembered = 10_000;
const mostAtOnce = 2;
const mostWaiting = 64;

export type PasswordCheckOptions = {
  /** Milliseconds from any start, never backwards. */
  clock(): number;
  /** For tests that count. */
  readonly isPassword?: typeof isPassword;
};

export class PasswordCheck {
  readonly #clock: () => number;
  readonly #isPassword: typeof isPassword;
  /** New with each process: what is kept says nothing to anybody else. */
  readonly #secret = randomBytes(32);
  /** Until when each was right; the oldest first. */
  readonly #right = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: PasswordCheckOptions) {
    this.#clock = options.clock;
    this.#isPassword = options.isPassword ?? isPassword;
  }

  /** Is the password that of the user? Takes as long where there is no such user. @throws Fault when too many ask. */
  async isRight(users: Users, credentials: Credentials): Promise<boolean> {
    const user = users.get(credentials.name);
    const key = this.#keyOf(credentials, user);
    const until = this.#right.get(key);
    if (until !== undefined && this.#clock() < until) return true;
    // A browser opens six connections with the same words.
    const before = this.#underWay.get(key);
    if (before !== undefined) return await before;
    const work = this.#compute(users, credentials, user).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, work);
    const isRight = await work;
    if (isRight) this.#remember(key);
    return isRight;
  }

  async #compute(users: Users, { name, password }: Credentials, user: User | undefined): Promise<boolean> {
    const hash = user?.hash ?? this.#decoy(users, name);
    if (hash === undefined) return false;
    await this.#place();
    try {
      const isMatch = await this.#isPassword(password, hash);
      return isMatch && user !== undefined;
    } finally {
      // Whoever waits longest takes the place as it is.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #place(): Promise<void> {
    if (this.#running < mostAtOnce) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= mostWaiting) {
      throw new Fault('too-many-passwords', 'too many passwords are being checked');
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  // Always the same for a name, so that asking twice does not tell a decoy from a user.
  #decoy(users: Users, name: string): PasswordHash | undefined {
    if (users.size === 0) return undefined;
    const at = createHmac('sha256', this.#secret).update(name).digest().readUInt32BE() % users.size;
    return [...users.values()][at]?.hash;
  }

  // With the hash in it, another password in the file is in force at once.
  #keyOf({ name, password }: Credentials, user: User | undefined): string {
    const hmac = createHmac('sha256', this.#secret);
    hmac.update(JSON.stringify([name, user?.text ?? null])).update(password);
    return hmac.digest('base64url');
  }

  #remember(key: string): void {
    const [oldest] = this.#right.keys();
    if (this.#right.size >= mostRemembered && oldest !== undefined) this.#right.delete(oldest);
    this.#right.delete(key);
    this.#right.set(key, this.#clock() + remembersMs);
  }
}
