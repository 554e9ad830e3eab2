import assert from 'node:assert/strict';
import { once } from 'node:events';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { ask, open } from '../ask.ts';
import { doors, siteOf, underSite, unique } from '../front.ts';
import { neighbour } from '../neighbour.ts';
import type { Case, Stack } from '../topology.ts';

type State = {
  readonly version: number;
  readonly routes: readonly string[];
  readonly lastError: { readonly error: string } | null;
};

async function state({ admin }: Stack): Promise<State> {
  return JSON.parse((await admin('static-frontend', '/site')).text);
}

const broken = [
  {
    name: 'is not TypeScript',
    source:
      "import { defineSite } from '@trivet/static-frontend';\n\nexport default defineSite({\n  routes: [ => 1,\n});\n",
    says: /site\.ts:4/,
  },
  {
    name: 'has an option that there is not',
    source: siteOf("routes: [\n    { path: '/', proxy: 'app', intercepts: [503] },\n  ],"),
    says: /site\.ts:5: routes\[0\] \(proxy\): there is no "intercepts"/,
  },
  {
    name: 'names an upstream that there is not',
    source: siteOf("routes: [\n    { path: '/api/', proxy: 'app' },\n    { path: '/', proxy: 'nobody' },\n  ],"),
    says: /site\.ts:6: routes\[1\]\.proxy: .*nobody/,
  },
  {
    name: 'names a file of users that is not there',
    source: siteOf("routes: [{ path: '/', files: '.', basicAuth: { realm: 'r', users: '/no/users' } }],"),
    says: /site\.ts:4: routes\[0\]\.basicAuth\.users: .*ENOENT/,
  },
  { name: 'throws', source: "const x = 1;\nthrow new Error('not today');\n", says: /site\.ts:2.*not today/s },
];

const keepsTheOld = ({ name, source, says }: (typeof broken)[number]): Case => ({
  name: `a site that ${name} is refused with file and line, and the one before stays in force`,
  run: (stack) =>
    underSite(stack, "routes: [{ path: '/', files: '.', response: { set: { 'X-Site': 'good' } } }],", async () => {
      const before = await state(stack);
      const refused = await stack.site(source);
      assert.equal(refused.status, 422);
      const { reloaded, version, error } = JSON.parse(refused.text);
      assert.deepEqual([reloaded, version], [false, before.version]);
      assert.match(error, says);
      assert.equal((await ask(stack.front)).headers['x-site'], 'good');
      const after = await state(stack);
      assert.deepEqual([after.version, after.routes], [before.version, ['/: files .']]);
      assert.match(String(after.lastError?.error), says);
      const checked = await stack.check();
      assert.equal(checked.code, 78, checked.said);
      assert.match(checked.said, says, 'as --check says');
    }),
});

/** A site whose `/` says which it is: of one kind a file, of the other the app. */
function numbered(version: number, address: string): string {
  const what = version % 2 === 0 ? "files: '.'" : "proxy: 'up'";
  return siteOf(`routes: [{ path: '/', ${what}, response: { set: { 'X-Pid': 'v${version}' } } }],
  upstreams: { up: { addresses: '${address}' } },`);
}

/** The site while the front runs. */
export const frontReload: readonly Case[] = [
  ...broken.map(keepsTheOld),
  {
    name: '--check says ok of a site that would load, and names all that is wrong with another',
    async run(stack) {
      await underSite(stack, "routes: [{ path: '/', files: '.' }],", async () => {
        assert.deepEqual(await stack.check(), { code: 0, said: 'static-frontend: ok\n' });
        await stack.site(siteOf("routes: [\n    { path: 'a', files: '.' },\n    { path: '/', files: '../x' },\n  ],"));
        const { code, said } = await stack.check();
        assert.equal(code, 78);
        assert.match(said, /site\.ts:5: routes\[0\]\.path: .*\n.*site\.ts:6: routes\[1\]\.files: /);
      });
    },
  },
  {
    name: 'no request fails while the site is reloaded again and again, and each reload counts from its answer on',
    async run(stack) {
      await using app = await neighbour(stack, (_message, response) => response.end('the app'));
      await underSite(stack, "routes: [{ path: '/', files: '.', response: { set: { 'X-Pid': 'v0' } } }],", async () => {
        const loads = doors(stack).map(({ port }) => steadyLoad({ port: Number(port) }));
        for (let version = 1; version <= 12; version++) {
          const answer = await stack.site(numbered(version, app.address));
          assert.equal(answer.status, 200, answer.text);
          for (const door of doors(stack)) {
            const { headers } = await ask(new URL(`/?${unique()}`, door));
            assert.equal(headers['x-pid'], `v${version}`);
          }
        }
        for (const load of loads) await load.stop();
        for (const { failures, answers } of loads) {
          assert.deepEqual(failures, []);
          assert.ok(answers.size > 2, `sites that were seen: ${[...answers.keys()]}`);
        }
      });
    },
  },
  {
    name: 'what is under way when the site changes ends as it began',
    async run(stack) {
      const response = await open(new URL('/events?count=5&interval=200ms', stack.edge));
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      await eventually(() => assert.match(text, /^data:/m));
      await underSite(stack, "routes: [{ path: '/events', returns: 410 }, { path: '/', files: '.' }],", async () => {
        assert.equal((await ask(new URL('/events?count=1', stack.edge))).status, 410);
        if (!response.readableEnded) await once(response, 'end');
        assert.equal(text.match(/^data:/gm)?.length, 5);
      });
    },
  },
];
