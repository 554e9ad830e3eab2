/** Files of `NAME:HASH` lines, as htpasswd writes them. Pure. */
import { type PasswordHash, readHash } from './password-hash.ts';

/** Hashes by name, each with its text. */
export type Users = ReadonlyMap<string, User>;
export type User = { readonly text: string; readonly hash: PasswordHash };

export type ReadUsers = { readonly users: Users; readonly problems: readonly string[] };

/** Reads the lines; of two with one name the first counts, what follows a second colon is a comment, as with nginx. */
export function readPasswordFile(text: string): ReadUsers {
  const users = new Map<string, User>();
  const problems: string[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const found = readLine(line);
    if ('problem' in found) problems.push(`line ${at + 1}: ${found.problem}`);
    else if (!users.has(found.name)) users.set(found.name, found.user);
  }
  return { users, problems };
}

function readLine(line: string): { readonly problem: string } | { readonly name: string; readonly user: User } {
  const [name = '', field] = line.split(':');
  if (name === '' || field === undefined) return { problem: 'is not NAME:HASH' };
  const text = field.trim();
  const found = readHash(text);
  if (found.verdict === 'bad') return { problem: `${JSON.stringify(name)} ${found.why}` };
  return { name, user: { text, hash: found.hash } };
}

/** The same of an object in `site.ts`, whose hashes were checked with it. */
export function usersOf(hashes: Readonly<Record<string, string>>): Users {
  const users = new Map<string, User>();
  for (const [name, text] of Object.entries(hashes)) {
    const found = readHash(text);
    if (found.verdict === 'good') users.set(name, { text, hash: found.hash });
  }
  return users;
}
