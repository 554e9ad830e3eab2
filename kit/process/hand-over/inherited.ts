/**
 * The listening sockets that a process is given when it starts: by the service manager (`LISTEN_PID`, `LISTEN_FDS`, see
 * sd_listen_fds(3)), or by the process that it is to follow.
 */
import { closeSync, fstatSync, readFileSync, writeSync } from 'node:fs';
import { eachOf, type Listening, together } from '../listening.ts';
import { StartProblem } from '../load-file.ts';
import { type Address, parseAddress } from '../units.ts';
import { handedVariable } from './given.ts';

type Environment = Record<string, string | undefined>;

/** The first that a service manager passes. */
const FIRST_FD = 3;
/** As many as addresses can be set. */
const MOST = 64;

/** What a process says to the one that follows it, as the text of `TRIVET_HANDED`. */
export type Handed = {
  readonly listen: number;
  readonly admin: number;
  /** Where the successor says how it went. */
  readonly tell: number;
  /** Are the files of its Unix sockets its own to remove, at its end? */
  readonly owns: boolean;
  /** What the sockets are bound to, as `formatAddress` writes it. */
  readonly addresses: { readonly listen: string; readonly admin: string };
  /** The sockets that it listens on besides. */
  readonly more?: readonly { readonly listen: number; readonly address: string }[];
};

/** What the successor says, in a line of JSON. */
export type Word =
  | { readonly trivet: 'ready' }
  | { readonly trivet: 'failed'; readonly problems: readonly string[]; readonly code: number };

export type Inherited = {
  readonly listen?: Listening;
  readonly admin?: Address;
  /** Are the files of its Unix sockets this process's to remove? */
  readonly isOwner: boolean;
  /** Does it take the place of another process? */
  readonly follows: boolean;
  /** Tells who came before, the first time that it is called. */
  tell(word: Word): void;
};

const none: Inherited = { isOwner: true, follows: false, tell: () => undefined };

/**
 * Takes what this process was given, and out of `env` what says so: it is not meant for those that it starts. `configured`
 * is where it would listen otherwise; `takesSeveral`: may a service manager pass more than one? @throws StartProblem when
 * there is no socket where one should be
 */
export function takeInherited(env: Environment, pid: number, configured: Listening, takesSeveral = false): Inherited {
  const handed = env[handedVariable];
  const { LISTEN_PID, LISTEN_FDS } = env;
  for (const name of [handedVariable, 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (handed !== undefined) return fromPredecessor(JSON.parse(handed));
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return none;
  return { ...none, isOwner: false, listen: passedAll(countOf(LISTEN_FDS, takesSeveral), configured) };
}

function countOf(text: string, takesSeveral: boolean): number {
  const most = takesSeveral ? MOST : 1;
  const found = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  if (found >= 1 && found <= most) return found;
  throw new StartProblem(
    `LISTEN_FDS: ${text} sockets were passed, and this tier takes ${takesSeveral ? `1 to ${MOST}` : 'one'}`,
  );
}

/** What is set for the first stands for the first, and so on: of a socket over TCP it is not said here where it is bound. */
function passedAll(count: number, configured: Listening): Listening {
  const asked = eachOf(configured);
  const [first, ...more] = Array.from({ length: count }, (_, at): Address => {
    return { ...passed(FIRST_FD + at, asked[at] ?? everywhere), isHeldElsewhere: true };
  });
  return together([first ?? everywhere, ...more]);
}

const everywhere: Address = { kind: 'tcp', host: '0.0.0.0', port: 0 };

function fromPredecessor({ listen, admin, tell, owns, addresses, more = [] }: Handed): Inherited {
  let isTold = false;
  const handed = (address: string, fd: number): Address => {
    return { ...parseAddress(address), fd, isOurs: owns, isHeldElsewhere: !owns };
  };
  return {
    listen: together([handed(addresses.listen, listen), ...more.map((one) => handed(one.address, one.listen))]),
    admin: { ...parseAddress(addresses.admin), fd: admin, isOurs: true },
    isOwner: owns,
    follows: true,
    tell(word) {
      // The number may stand for a client's connection by now.
      if (isTold) return;
      isTold = true;
      try {
        writeSync(tell, `${JSON.stringify(word)}\n`);
      } catch (error) {
        // Who came before is gone: then this process goes on alone.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      } finally {
        closeSync(tell);
      }
    },
  };
}

function passed(fd: number, configured: Address): Address {
  const inode = inodeOf(fd);
  if (inode === undefined) throw new StartProblem(`LISTEN_FDS: file descriptor ${fd} is no socket`);
  const path = unixPath(inode);
  if (path !== undefined) return { kind: 'unix', path, fd };
  return { ...(configured.kind === 'unix' ? everywhere : configured), fd };
}

/** The number by which the system knows a socket; undefined where there is none. */
export function inodeOf(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    return stat.isSocket() ? stat.ino : undefined;
  } catch {
    return undefined;
  }
}

/** Where a Unix socket is bound, by `/proc/net/unix`; undefined for other sockets, and where there is no such file. */
function unixPath(inode: number): string | undefined {
  try {
    const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
    const found = lines.find((line) => line.split(/\s+/)[6] === String(inode));
    // Not every socket has a file: one of the abstract name space is `@` and any text, with slashes or without.
    return found && /^(?:\S+\s+){7}(\/.*)$/.exec(found)?.[1];
  } catch {
    return undefined;
  }
}
