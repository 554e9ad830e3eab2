/** `node static-frontend/password.ts NAME` reads a password and prints the line for it in a file of users. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { LONGEST } from './src/guard/credentials.ts';
import { newHash } from './src/guard/password-hash.ts';

const name = process.argv[2] ?? '';
if (process.argv.length !== 3 || !/^[^\s:#-][^:\p{Cc}]*$/u.test(name)) {
  process.stderr.write(
    'Usage: node static-frontend/password.ts NAME\nNAME has no colon. The password comes from standard input.\n',
  );
  process.exitCode = 64;
} else {
  const password = await readPassword();
  if (password === '' || /\p{Cc}/u.test(password)) {
    process.stderr.write('A password is one line without control characters.\n');
    process.exitCode = 65;
  } else if (Buffer.byteLength(`${name}:${password}`) > LONGEST) {
    process.stderr.write(
      `Name and password have more than ${LONGEST - 1} bytes, and none so long are let in: choose shorter ones.\n`,
    );
    process.exitCode = 65;
  } else process.stdout.write(`${name}:${await newHash(password)}\n`);
}

// What is typed at a terminal is not shown.
async function readPassword(): Promise<string> {
  const isTyped = process.stdin.isTTY === true;
  if (isTyped) process.stderr.write(`Password for ${name}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTyped });
  const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  lines.close();
  if (isTyped) process.stderr.write('\n');
  return typeof line === 'string' ? line : '';
}
