// The front as a process: its site is edited while it serves.
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { lineOf, runProgram } from '@trivet/kit/testing/program-run.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';

const main = join(import.meta.dirname, 'main.ts');
const WITHIN_MS = 20_000;
const password = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

/** A process of the tier on free ports; `args` beside its file. */
function run(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  return runProgram([main, ...args], { FRONT_LISTEN: '127.0.0.1:0', FRONT_ADMIN_LISTEN: '127.0.0.1:0', ...env });
}

/** A site whose answers say `word`; a hot file, a redirect and the app among them. */
function saying(word: string, more = ''): string {
  return `import { defineSite } from '@trivet/static-frontend';
export default defineSite({
  routes: [
    { path: '/moved', redirect: '/${word}' },
    { path: '/app/', proxy: 'app', response: { set: { 'X-Said': '${word}' } } },
    { path: '/', files: '.', response: { set: { 'X-Said': '${word}' } } },
  ],${more}
});
`;
}

/** A front over files of its own, and the site that it serves. */
async function front(env: Readonly<Record<string, string>> = {}) {
  await using building = new AsyncDisposableStack();
  const tree = building.use(await fileTree({ 'www/f.txt': 'f', 'site.ts': saying('one') }));
  const app = building.use(await scriptedOrigin((_, reply) => reply.send(200, [], 'the app')));
  const path = (name: string) => join(tree.path, name);
  const { child, told } = building.use(
    run({ FRONT_UPSTREAM: app.url, FRONT_SITE: path('site.ts'), FRONT_ROOT: path('www'), ...env }),
  );
  const { address = '', admin = '' } = await lineOf({ told }, /"listening"/);
  const said = async (target = '/f.txt') => (await fetch(address + target)).headers.get('x-said');
  const moved = building.move();
  return {
    ...{ child, told, path, address, admin, said },
    write: (source: string) => writeFile(path('site.ts'), source),
    says: (word: string) => eventually(async () => assert.equal(await said(), word), WITHIN_MS),
    async reload() {
      const response = await fetch(`${admin}/site/reload`, { method: 'POST' });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    state: async () => (await (await fetch(`${admin}/site`)).json()) as Record<string, unknown>,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

test('a site that is written, or has another renamed over it, is in force without a restart', async () => {
  await using f = await front();
  assert.equal(await f.said(), 'one');
  await f.write(saying('two'));
  await f.says('two');
  assert.equal((await lineOf(f, /FRONT_SITE: version 2 is in force/)).level, 'info');
  await writeFile(f.path('site.ts.new'), saying('three'));
  await rename(f.path('site.ts.new'), f.path('site.ts'));
  await f.says('three');
});

test('a broken site leaves the old one in force, and the log says in which line; mended, it is taken up', async () => {
  await using f = await front();
  await f.write('export default {\n  routes: [\n    { path: ], },\n');
  const complaint = await lineOf(f, /version 1 stays in force/);
  assert.equal(complaint.level, 'error');
  assert.match(complaint.msg, /^FRONT_SITE: \S+\/site\.ts:3 does not load: SyntaxError/);
  assert.equal(await f.said(), 'one');
  await f.write(saying('two'));
  await f.says('two');
});

test('unwatched, it is reloaded by POST /site/reload and by SIGHUP alone', async () => {
  await using f = await front({ FRONT_SITE_WATCH: 'off' });
  await f.write(saying('two'));
  assert.deepEqual(await f.reload(), { status: 200, body: { reloaded: true, version: 2 } });
  assert.equal(await f.said(), 'two');
  await f.write(saying('three', '\n  upstreams: {\n    api: { address: "http://a" },\n  },'));
  const refused = await f.reload();
  assert.deepEqual([refused.status, refused.body.reloaded, refused.body.version], [422, false, 2]);
  assert.match(String(refused.body.error), /site\.ts:9: upstreams\.api: there is no "address"/);
  assert.equal(await f.said(), 'two');
  assert.partialDeepStrictEqual(await f.state(), {
    version: 2,
    failures: 1,
    file: f.path('site.ts'),
    routes: ['/moved: redirect 301 /two', '/app/: proxy app', '/: files .'],
    lastError: { error: refused.body.error },
  });
  const metrics = await (await fetch(`${f.admin}/metrics`)).text();
  assert.match(metrics, /^trivet_site_version\{tier="static-frontend"\} 2$/m);
  assert.match(metrics, /^trivet_site_refused_total\{tier="static-frontend"\} 1$/m);
  await f.write(saying('three'));
  f.child.kill('SIGHUP');
  await f.says('three');
});

test('a site whose file of users is not there is refused; once it is there, the site is taken up', async () => {
  await using f = await front();
  const users = f.path('users');
  await f.write(
    saying('two').replace("path: '/app/',", `path: '/app/',\n  basicAuth: { realm: 'r', users: '${users}' },`),
  );
  const { msg } = await lineOf(f, /version 1 stays in force/);
  assert.match(msg, /site\.ts:6: routes\[1\]\.basicAuth\.users: \S+users: ENOENT/);
  assert.equal((await fetch(`${f.address}/app/`)).status, 200);
  await writeFile(users, `ada:${password}\n`);
  await f.says('two');
  assert.equal((await fetch(`${f.address}/app/`)).status, 401);
  await rm(users);
});

for (const workers of ['1', '2']) {
  test(`no request fails while the site is reloaded again and again, workers: ${workers}`, async () => {
    await using f = await front({ FRONT_SITE_WATCH: 'off', FRONT_WORKERS: workers });
    let isOver = false;
    const words = new Set<string | null>();
    const asking = async (target: string, body: string) => {
      let count = 0;
      for (; !isOver; count++) {
        const response = await fetch(f.address + target);
        assert.equal(await response.text(), body);
        words.add(response.headers.get('x-said'));
      }
      return count;
    };
    const asked = [asking('/f.txt', 'f'), asking('/f.txt', 'f'), asking('/app/', 'the app')];
    for (let version = 2; version < 12; version++) {
      await f.write(saying(`v${version}`));
      assert.deepEqual(await f.reload(), { status: 200, body: { reloaded: true, version } });
      for (let i = 0; i < 4; i++) {
        const response = await fetch(`${f.address}/f.txt`, { headers: { connection: 'close' } });
        assert.equal(response.headers.get('x-said'), `v${version}`);
      }
    }
    isOver = true;
    for (const count of await Promise.all(asked)) assert.ok(count > 10, String(count));
    assert.ok(words.size > 2);
  });
}

test('all workers go by the new site, or all by the old one', async () => {
  await using f = await front({ FRONT_SITE_WATCH: 'off', FRONT_WORKERS: '2' });
  await f.write('export default {');
  const refused = await f.reload();
  assert.deepEqual([refused.status, refused.body.version], [422, 1]);
  await f.write(saying('two'));
  f.child.kill('SIGHUP');
  await eventually(async () => {
    const { workers } = (await f.state()) as { workers: { version: number }[] };
    assert.deepEqual(
      workers.map(({ version }) => version),
      [2, 2],
    );
  }, WITHIN_MS);
  assert.partialDeepStrictEqual(await f.state(), { version: 2, failures: 1 });
});

for (const [what, source, code, said] of [
  ['is well', saying('one'), 0, /^static-frontend: ok\n$/],
  ['does not parse', 'export default {', 78, /site\.ts:1 does not load/],
  [
    'has several problems',
    `export default {\n  routes: [\n    { path: 'a',\n      proxy: 'b' },\n    { path: '/', files: '.', basicAuth: {\n      realm: 'r', users: '/nowhere' } } ] };`,
    78,
    /^static-frontend: FRONT_SITE: \S+site\.ts:3: routes\[0\]\.path: .*\nstatic-frontend: FRONT_SITE: \S+site\.ts:4: routes\[0\]\.proxy: .*\n$/,
  ],
  [
    'has two files of users that are not there',
    `import { defineSite } from '@trivet/static-frontend';\nexport default defineSite({ routes: [\n{ path: '/a', files: '.', basicAuth: { realm: 'r', users: '/nowhere' } },\n{ path: '/', files: '.', basicAuth: { realm: 'r',\n users: '/nowhere/else' } } ] });`,
    78,
    /site\.ts:3: routes\[0\]\.basicAuth\.users: \/nowhere: ENOENT.*\n.*site\.ts:5: routes\[1\]\.basicAuth\.users: \/nowhere\/else: ENOENT/,
  ],
] as const) {
  test(`--check of a site that ${what} ends with ${code}`, async () => {
    await using tree = await fileTree({ 'site.ts': source });
    await using checked = run({ FRONT_SITE: join(tree.path, 'site.ts'), FRONT_ROOT: tree.path }, ['--check']);
    assert.deepEqual(await checked.ended, [code, null]);
    assert.match(code === 0 ? checked.told.out : checked.told.complaints, said);
  });
}

test('--check names a root that is not there beside what is wrong with the site', async () => {
  await using checked = run({ FRONT_SITE: '/nowhere.ts', FRONT_ROOT: '/nowhere' }, ['--check']);
  assert.deepEqual(await checked.ended, [78, null]);
  assert.match(checked.told.complaints, /FRONT_ROOT: there is no folder \/nowhere\n.*FRONT_SITE: there is no file/);
});
