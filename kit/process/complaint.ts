/** Why a tier does not start, in a line each, and the exit code for it. */
import { resolve } from 'node:path';
import { eachOf, type Listening } from './listening.ts';
import { StartProblem } from './load-file.ts';
import { SettingsProblem } from './settings.ts';
import { socketProblem } from './socket-problem.ts';
import { type Address, formatAddress, isAbstract } from './units.ts';

/** EX_CONFIG of sysexits.h. */
const exitConfig = 78;

export type Complaint = { readonly problems: readonly string[]; readonly code: number };

/** 78 when what the user set or wrote is to blame, else 1. */
export function complaintOf(error: unknown): Complaint {
  if (error instanceof AggregateError && error.errors.length > 0) return complaintOfAll(error.errors.map(complaintOf));
  const isOfTheUser = error instanceof SettingsProblem || error instanceof StartProblem;
  const problems = isOfTheUser ? error.problems : [message(error)];
  return { problems, code: isOfTheUser ? exitConfig : 1 };
}

function complaintOfAll(all: readonly Complaint[]): Complaint {
  return { problems: all.flatMap(({ problems }) => problems), code: Math.max(...all.map(({ code }) => code)) };
}

/** Says on standard error what is wrong, one line per problem, and sets the exit code. */
export function complain(name: string, { problems, code }: Complaint): void {
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`);
  process.exitCode = code;
}

/** What `listening` rejects with, where it is about one of these addresses, is complained of by the name of the setting. */
export async function underSetting<T>(setting: string, listen: Listening, listening: Promise<T>): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const one of errors) {
      if (one instanceof Error && eachOf(listen).some((address) => isAbout(one, address)))
        Object.assign(one, { setting });
    }
    throw error;
  }
}

// A name has become an address by then, but for one that has none.
function isAbout({ address, port, hostname }: ListenError, listen: Address): boolean {
  return listen.kind === 'unix' ? address === listen.path : port === listen.port || hostname === listen.host;
}

function message(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall = '', setting }: ListenError = error;
  const subject = setting === undefined ? '' : `${setting}: `;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return subject + unknownName(error);
  // A worker is told by the primary process, in which it is `bind` that fails.
  const isListening = syscall === 'listen' || syscall === 'bind';
  const why = isListening || code === 'EADDRINUSE' ? whyNotThere(error, isListening) : undefined;
  if (why !== undefined) return subject + why;
  return isListening ? error.message : (error.stack ?? error.message);
}

function whyNotThere(error: ListenError, isListening: boolean): string | undefined {
  const why = isListening ? problemOfSocket(error) : undefined;
  if (why !== undefined) return `${placeOf(error)}: ${why}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${placeOf(error)} is in use${instead(error)}`;
    case 'EADDRNOTAVAIL':
      return `${placeOf(error)}: this machine has no such address`;
    case 'EACCES':
      return `${placeOf(error)}: ${whyDenied(error)}`;
  }
  return undefined;
}

// Where two settings name the same address, it is in use by this process.
function instead({ setting }: ListenError): string {
  return setting === undefined ? ' by another process' : '; stop what listens there, or choose another address';
}

function unknownName({ code, hostname = '' }: ListenError): string {
  const name = JSON.stringify(hostname);
  return `there is no address for the name ${name} (${code}); listen on an address of this machine, such as 127.0.0.1`;
}

type ListenError = NodeJS.ErrnoException & {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  /** Which says where to listen. */
  readonly setting?: string;
};

function problemOfSocket({ address = '', port = -1 }: ListenError): string | undefined {
  return port < 0 && address !== '' && !isAbstract(address) ? socketProblem(resolve(address)) : undefined;
}

// A folder that does not exist is answered with the same code (libuv).
function whyDenied({ port = -1 }: ListenError): string {
  return `${port < 0 ? 'there is no such folder, or ' : ''}this user may not listen there`;
}

function placeOf({ address = '', port = -1 }: ListenError): string {
  return formatAddress(port < 0 ? { kind: 'unix', path: address } : { kind: 'tcp', host: address, port });
}
