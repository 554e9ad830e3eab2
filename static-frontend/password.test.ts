import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPasswordFile } from './src/guard/password-file.ts';
import { isPassword } from './src/guard/password-hash.ts';

const script = fileURLToPath(new URL('password.ts', import.meta.url));

async function run(args: readonly string[], input: string): Promise<{ code: number; out: string; complaint: string }> {
  const child = spawn(process.execPath, [script, ...args]);
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, out, complaint };
}

test('it prints the line for a name, with the first line of its input as the password', async () => {
  const { code, out } = await run(['ada'], 'söcret pass\nmore\n');
  assert.equal(code, 0);
  const { users, problems } = readPasswordFile(out);
  assert.deepEqual(problems, []);
  const user = users.get('ada');
  assert.ok(user);
  assert.equal(await isPassword(Buffer.from('söcret pass'), user.hash), true);
});

for (const [what, args, input, expected] of [
  ['no name', [], 'x\n', 64],
  ['a name with a colon', ['a:b'], 'x\n', 64],
  ['no password', ['ada'], '', 65],
  ['a password that is too long to be let in', ['ada'], `${'x'.repeat(1021)}\n`, 65],
  ['an empty password', ['ada'], '\n', 65],
] as const) {
  test(`${what}: it says so and prints nothing`, async () => {
    const { code, out, complaint } = await run(args, input);
    assert.deepEqual([code, out], [expected, '']);
    assert.notEqual(complaint, '');
  });
}
