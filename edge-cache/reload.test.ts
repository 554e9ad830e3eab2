// The edge as a process: its policy is edited while it serves.
import assert from 'node:assert/strict';
import { mkdtempDisposable, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { lineOf, runProgram } from '@trivet/kit/testing/program-run.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';

const main = join(import.meta.dirname, 'main.ts');

/** A process of the tier on free ports; `args` beside its file. */
function run(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  return runProgram([main, ...args], { EDGE_LISTEN: '127.0.0.1:0', EDGE_ADMIN_LISTEN: '127.0.0.1:0', ...env });
}

/** An edge in front of an origin, with a policy of its own that says `said`. */
async function edge(said: string, env: Readonly<Record<string, string>> = {}) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-reload-')));
  const origin = building.use(
    await scriptedOrigin((_, reply) => reply.send(200, ['Cache-Control', 'max-age=60'], 'page')),
  );
  const path = (name: string) => join(folder.path, name);
  await writeFile(path('words.ts'), `export const said: string = '${said}';\n`);
  await writeFile(
    path('policy.ts'),
    `import { definePolicy } from '@trivet/edge-cache';
import { said } from './words.ts';
export default definePolicy({ deliver: () => ({ set: { 'X-Said': said } }) });
`,
  );
  const { child, told } = building.use(run({ EDGE_ORIGIN: origin.url, EDGE_POLICY: path('policy.ts'), ...env }));
  const { address = '', admin = '' } = await lineOf({ told }, /"listening"/);
  const heard = async () => (await fetch(`${address}/`)).headers.get('x-said');
  const moved = building.move();
  return {
    child,
    told,
    path,
    address,
    admin,
    said: heard,
    says: (text: string) => eventually(async () => assert.equal(await heard(), text), 15_000),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

test('[case 71] a policy that is edited is in force without a restart, and a broken one leaves the old one in force', async () => {
  await using e = await edge('one');
  assert.equal(await e.said(), 'one');
  await writeFile(e.path('words.ts'), `export const said: string = 'two';\n`);
  await e.says('two');
  assert.equal((await lineOf(e, /EDGE_POLICY: version 2 is in force/)).level, 'info');
  assert.match((await fetch(`${e.address}/`)).headers.get('cache-status') ?? '', /hit/);

  await writeFile(e.path('policy.ts.new'), 'export default {\n  deliver: (\n');
  await rename(e.path('policy.ts.new'), e.path('policy.ts'));
  const complaint = await lineOf(e, /version 2 stays in force/);
  assert.equal(complaint.level, 'error');
  assert.match(complaint.msg, /policy\.ts:\d does not load: SyntaxError/);
  assert.equal(await e.said(), 'two');

  await writeFile(e.path('policy.ts'), `export default { deliver: () => ({ set: { 'X-Said': 'three' } }) };\n`);
  await e.says('three');
});

test('unwatched, it is reloaded by POST /policy/reload and by SIGHUP alone', async () => {
  await using e = await edge('one', { EDGE_POLICY_WATCH: 'off' });
  const reload = async () => {
    const response = await fetch(`${e.admin}/policy/reload`, { method: 'POST' });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  await writeFile(e.path('words.ts'), `export const said: string = 'two';\n`);
  assert.deepEqual(await reload(), { status: 200, body: { reloaded: true, version: 2 } });
  assert.equal(await e.said(), 'two');
  await writeFile(e.path('words.ts'), `export const said = ;\n`);
  const refused = await reload();
  assert.deepEqual([refused.status, refused.body.reloaded, refused.body.version], [422, false, 2]);
  assert.match(String(refused.body.error), /\(\S+words\.ts:1\)$/);
  const state = (await (await fetch(`${e.admin}/policy`)).json()) as { lastError: { error: string } };
  assert.equal(state.lastError.error, refused.body.error);
  const metrics = await (await fetch(`${e.admin}/metrics`)).text();
  assert.match(metrics, /^trivet_policy_version\{tier="edge-cache"\} 2$/m);
  assert.match(metrics, /^trivet_policy_refused_total\{tier="edge-cache"\} 1$/m);
  await writeFile(e.path('words.ts'), `export const said: string = 'three';\n`);
  e.child.kill('SIGHUP');
  await e.says('three');
});

for (const [what, source, code, said] of [
  ['is well', 'export default {};', 0, /^edge-cache: ok\n$/],
  ['has an unknown hook', 'export default {\n  recv: () => undefined,\n};', 78, /policy\.ts:2: recv is nothing that a/],
  ['does not parse', 'export default {', 78, /policy\.ts:1 does not load/],
] as const) {
  test(`--check of a policy that ${what} ends with ${code}`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-check-'));
    await writeFile(join(folder.path, 'policy.ts'), source);
    await using checked = run({ EDGE_POLICY: join(folder.path, 'policy.ts') }, ['--check']);
    assert.deepEqual(await checked.ended, [code, null]);
    assert.match(code === 0 ? checked.told.out : checked.told.complaints, said);
  });
}
