/** Hashes of passwords as they stand in a file: reading them, and what checking one costs and says. */
import { hash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { apr1 } from './apr1.ts';

/** One of three ways, as its text has it. */
export type PasswordHash =
  | { readonly kind: 'scrypt'; readonly cost: ScryptCost; readonly salt: Buffer; readonly digest: Buffer }
  | { readonly kind: 'apr1'; readonly salt: string; readonly digest: Buffer }
  | { readonly kind: 'sha1'; readonly digest: Buffer };

/** `ln` is the binary logarithm of N. RFC 7914 §2. */
type ScryptCost = { readonly ln: number; readonly r: number; readonly p: number };

export type ReadHash =
  | { readonly verdict: 'good'; readonly hash: PasswordHash }
  | { readonly verdict: 'bad'; readonly why: string };

/** 16 MB and some 100 ms: what OWASP names for p = 5. */
const ownCost: ScryptCost = { ln: 14, r: 8, p: 5 };

/** More would let one line of a file take the memory of the process; bytes. */
const MOST_MEMORY = 256 * 1024 * 1024;

const unsupported: readonly (readonly [begin: RegExp, what: string])[] = [
  [/^\$2[abxy]?\$/, 'bcrypt'],
  [/^\$argon2/, 'argon2'],
  [/^\$[156]\$/, 'crypt'],
  [/^\$y\$|^\$7\$/, 'yescrypt'],
  [/^\{/, 'another scheme'],
];

const make = '`node static-frontend/password.ts NAME` makes one that is; Apache’s $apr1$ and {SHA} are known, too';

/** Reads the text of a hash. */
export function readHash(text: string): ReadHash {
  const known = readScrypt(text) ?? readApr1(text) ?? readSha1(text);
  if (known !== undefined) return known;
  const other = unsupported.find(([begin]) => begin.test(text));
  return bad(
    other === undefined ? `is no hash of a password: ${make}` : `is a hash by ${other[1]}, not supported: ${make}`,
  );
}

function bad(why: string): ReadHash {
  return { verdict: 'bad', why };
}

// The PHC string format.
function readScrypt(text: string): ReadHash | undefined {
  if (!text.startsWith('$scrypt$')) return undefined;
  const found = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z\d+/]{11,86})\$([A-Za-z\d+/]{22,86})$/.exec(
    text,
  );
  if (found === null) return bad('is no $scrypt$ln=14,r=8,p=5$SALT$HASH');
  const [ln = 0, r = 0, p = 0] = found.slice(1, 4).map(Number);
  // RFC 7914 §2: N is less than 2^(128 * r / 8).
  const isNone = ln < 1 || r < 1 || p < 1 || ln >= 16 * r;
  if (isNone || memoryOf({ ln, r, p }) > MOST_MEMORY) return bad('is an scrypt hash of absurd cost');
  const [salt = '', digest = ''] = found.slice(4);
  const cost = { ln, r, p };
  return good({ kind: 'scrypt', cost, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') });
}

function readApr1(text: string): ReadHash | undefined {
  if (!text.startsWith('$apr1$')) return undefined;
  const found = /^\$apr1\$([./\dA-Za-z]{1,8})\$([./\dA-Za-z]{22})$/.exec(text);
  if (found === null) return bad('is no $apr1$SALT$HASH');
  return good({ kind: 'apr1', salt: found[1] ?? '', digest: Buffer.from(found[2] ?? '') });
}

function readSha1(text: string): ReadHash | undefined {
  if (!text.startsWith('{SHA}')) return undefined;
  if (!/^\{SHA\}[A-Za-z\d+/]{27}=$/.test(text)) return bad('is no {SHA}HASH');
  return good({ kind: 'sha1', digest: Buffer.from(text.slice('{SHA}'.length), 'base64') });
}

function good(found: PasswordHash): ReadHash {
  return { verdict: 'good', hash: found };
}

/** Is this the password? scrypt computes on the thread pool, the others here; the time does not tell how near it was. */
export async function isPassword(password: Buffer, expected: PasswordHash): Promise<boolean> {
  const found = await digestOf(password, expected);
  return found.length === expected.digest.length && timingSafeEqual(found, expected.digest);
}

async function digestOf(password: Buffer, expected: PasswordHash): Promise<Buffer> {
  switch (expected.kind) {
    case 'scrypt':
      return await scryptOf(password, expected.salt, expected.cost, expected.digest.length);
    case 'apr1':
      return Buffer.from(apr1(password, expected.salt));
    case 'sha1':
      return hash('sha1', password, 'buffer');
  }
}

/** A new hash of a password, as a line of a file has it behind the name. */
export async function newHash(password: string, cost: ScryptCost = ownCost): Promise<string> {
  const salt = randomBytes(16);
  const digest = await scryptOf(Buffer.from(password), salt, cost, 32);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(digest)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function scryptOf(password: Buffer, salt: Buffer, cost: ScryptCost, length: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options: ScryptOptions = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: memoryOf(cost) + 1024 * 1024 };
  scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  return promise;
}

// RFC 7914 §6, and what OpenSSL counts beside it.
function memoryOf({ ln, r, p }: ScryptCost): number {
  return 128 * r * (2 ** ln + p + 2);
}
