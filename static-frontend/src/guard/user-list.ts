/** Who the users are: those of the site, or of a file that may change at any time. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { digestOf } from '@trivet/kit/process/module-version.ts';
import type { BasicAuthOptions } from '../site/guard-options.ts';
import { readPasswordFile, type Users, usersOf } from './password-file.ts';

/** How long a look at the file is good for; milliseconds. */
const looksMs = 1000;

/** A larger file is no list of users; bytes. */
const LARGEST = 4 * 1024 * 1024;

export interface UserList {
  /** The users at this time. */
  users(): Promise<Users>;
}

export type UserListOptions = {
  readonly log: Log;
  /** Milliseconds from any start, never backwards. */
  clock(): number;
  /** Where the site says it, for complaints. */
  readonly where: string;
};

/** @throws StartProblem when a file is missing or has a line that cannot be used. */
export async function openUserList(users: BasicAuthOptions['users'], options: UserListOptions): Promise<UserList> {
  if (typeof users === 'string') return await UserFile.open(users, options);
  const fixed = Promise.resolve(usersOf(users));
  return { users: () => fixed };
}

type Version = { readonly users: Users; readonly looks: string };

/** A version that cannot be read, or has a bad line, changes nothing: the one before counts, and the log says why. */
class UserFile implements UserList {
  readonly #path: string;
  readonly #options: UserListOptions;
  #version: Version;
  #lookedAt: number;
  /** How the file looked that was refused last: said once. */
  #refused = '';
  #look: Promise<void> | undefined;

  private constructor(path: string, options: UserListOptions, version: Version) {
    this.#path = path;
    this.#options = options;
    this.#version = version;
    this.#lookedAt = options.clock();
  }

  static async open(name: string, options: UserListOptions): Promise<UserFile> {
    const path = resolve(name);
    // Before it is read: what is written meanwhile is a change.
    const digest = digestOf(path);
    try {
      return new UserFile(path, options, await read(path, await looksOf(path)));
    } catch (cause) {
      throw new StartProblem(`${options.where}: ${path}: ${messageOf(cause)}`, {
        cause,
        // Mended, it may be tried again.
        files: new Map([[path, digest]]),
      });
    }
  }

  async users(): Promise<Users> {
    if (this.#options.clock() - this.#lookedAt >= looksMs) {
      this.#look ??= this.#again().finally(() => {
        this.#look = undefined;
      });
      await this.#look;
    }
    return this.#version.users;
  }

  async #again(): Promise<void> {
    let looks = 'missing';
    try {
      looks = await looksOf(this.#path);
      if (looks === this.#version.looks) return;
      if (looks !== this.#refused) this.#version = await read(this.#path, looks);
      this.#refused = '';
    } catch (error) {
      if (looks === this.#refused) return;
      this.#refused = looks;
      const { log, where } = this.#options;
      log.error({ err: error }, `${where}: ${this.#path}: ${messageOf(error)}; the users of before stay in force`);
    } finally {
      this.#lookedAt = this.#options.clock();
    }
  }
}

async function looksOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  if (size > LARGEST) throw new Error(`has ${size} bytes, the limit is ${LARGEST}`);
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

async function read(path: string, looks: string): Promise<Version> {
  const { users, problems } = readPasswordFile(await readFile(path, 'utf8'));
  if (problems.length > 0) throw new Error(problems.join('; '));
  return { users, looks };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
