import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPasswordFile, usersOf } from './password-file.ts';

const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const apr = '$apr1$x$Uj/tERRXvwCR26o1a0ASE.';

test('lines are names and hashes; comments, empty lines and what follows a second colon are none', () => {
  const { users, problems } = readPasswordFile(`# who\r\n\r\nada:${sha}\r\nbob:${sha}:since May\nada:$apr1$x$y\n`);
  assert.deepEqual([...users.keys()], ['ada', 'bob']);
  assert.deepEqual(problems, ['line 5: "ada" is no $apr1$SALT$HASH']);
});

for (const [what, text, expected] of [
  ['of two lines with one name the first', `ada:${sha}\nada:${apr}\n`, [['ada', sha]]],
  ['the last line without an end', `ada:${sha}`, [['ada', sha]]],
  ['blanks around a hash, which are none of it', `ada: ${sha}\t \n`, [['ada', sha]]],
  ['blanks in a name, which are part of it', ` ada l:${apr}\n`, [[' ada l', apr]]],
  ['a line of blanks alone, which is empty', ` \t\nada:${sha}\n`, [['ada', sha]]],
  ['a # behind the beginning, which is no comment', `a#:${sha}\n`, [['a#', sha]]],
  [
    'a name of every object',
    `__proto__:${sha}\nconstructor:${sha}`,
    [
      ['__proto__', sha],
      ['constructor', sha],
    ],
  ],
  ['nothing', '', []],
] as const) {
  test(`a file has ${what}`, () => {
    const { users, problems } = readPasswordFile(text);
    assert.deepEqual(
      [...users].map(([name, user]) => [name, user.text]),
      expected,
    );
    assert.deepEqual(problems, []);
  });
}

test('a line that cannot be used is named, and those that can are read all the same', () => {
  const { users, problems } = readPasswordFile(`ada\n:${sha}\nbob:$2y$05$abc\neve:\n\nian:${sha}`);
  assert.deepEqual([...users.keys()], ['ian']);
  assert.deepEqual(
    problems.map((problem) => problem.slice(0, 34)),
    [
      'line 1: is not NAME:HASH',
      'line 2: is not NAME:HASH',
      'line 3: "bob" is a hash by bcrypt,',
      'line 4: "eve" is no hash of a pass',
    ],
  );
});

test('what a hash is read as stands beside its text', () => {
  const { users } = readPasswordFile(`ada:${sha}\nbob:${apr}`);
  assert.deepEqual([users.get('ada')?.hash.kind, users.get('bob')?.hash.kind], ['sha1', 'apr1']);
});

test('users of a site are the same; one whose hash could not be read is nobody', () => {
  const users = usersOf({ ada: sha, bob: 'secret', eve: apr });
  assert.deepEqual(
    [...users].map(([name, { text, hash }]) => [name, text, hash.kind]),
    [
      ['ada', sha, 'sha1'],
      ['eve', apr, 'apr1'],
    ],
  );
  assert.equal(usersOf({}).size, 0);
});
