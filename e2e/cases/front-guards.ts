import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask } from '../ask.ts';
import { asData, counted, doors, folder, reason, underSite, unique } from '../front.ts';
import { neighbour } from '../neighbour.ts';
import type { Case } from '../topology.ts';

/** The password is `secret`. */
const hash = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

/** Who may come in, and how often. */
export const frontGuards: readonly Case[] = [
  {
    name: 'name and password are asked for, the answer is for one client alone, and no other spelling leads past',
    async run(stack) {
      const place = await folder(stack, { 'in/a.txt': 'inside', 'a.txt': 'outside' });
      const members = `routes: [
    { path: '${place}in/', files: '.', basicAuth: { realm: 'drafts', users: { ada: '${hash}' } } },
    { path: '/', files: '.' },
  ],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const page = new URL(`${place}in/a.txt`, door);
          const stranger = await ask(page, { headers: asData });
          assert.deepEqual([stranger.status, reason(stranger)], [401, 'not-authenticated']);
          assert.match(String(stranger.headers['www-authenticate']), /^Basic realm="drafts"/);
          assert.equal((await ask(page, { headers: basic('ada:wrong') })).status, 401);
          assert.equal((await ask(page, { headers: basic('eve:secret') })).status, 401);
          const ada = await ask(page, { headers: basic('ada:secret') });
          assert.deepEqual([ada.status, ada.text], [200, 'inside']);
          assert.match(String(ada.headers['cache-control']), /private/);
          for (const path of [
            `/${place}in/a.txt`,
            `${place}x/../in/a.txt`,
            `${place}%69n/a.txt`,
            `${place}./in//a.txt`,
          ]) {
            assert.equal((await ask(door, { path })).status, 401, path);
          }
          assert.equal((await ask(new URL(`${place}a.txt`, door))).text, 'outside');
        }
      });
    },
  },
  {
    name: 'an access list knows the client’s address from trusted peers alone',
    async run(stack) {
      const place = await folder(stack, { 'in/a.txt': 'inside' });
      const members = `routes: [
    { path: '${place}in/', files: '.', access: { allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.66'] } },
    { path: '/', files: '.' },
  ],`;
      await underSite(stack, members, async () => {
        const from = async (door: URL, address: string) => {
          const headers = { 'x-forwarded-for': address, ...asData };
          const answer = await ask(new URL(`${place}in/a.txt`, door), { headers });
          return answer.status === 200 ? answer.text : reason(answer);
        };
        assert.equal(await from(stack.front, '192.0.2.7'), 'inside');
        assert.equal(await from(stack.front, '2001:db8::7'), 'inside');
        assert.equal(await from(stack.front, '192.0.2.66'), 'access-denied');
        assert.equal(await from(stack.front, '198.51.100.1'), 'access-denied');
        assert.equal(await from(stack.edge, '192.0.2.7'), 'access-denied', 'a stranger says so');
      });
    },
  },
  {
    name: 'the app is asked who may come in, what it says of him goes along, and silence is no',
    async run(stack) {
      await using silent = await neighbour(stack, (_request, response) => response.destroy());
      const wanted = `/${unique()}/echo?a=%2F`;
      const guarded = (name: string, proxy: string, path: string) =>
        `{ path: '/${name}/', proxy: 'app', to: '/', authRequest: { proxy: '${proxy}', path: '${path}', copy: ['X-Nonce'] } },`;
      const members = `rewrites: [{ path: '${wanted.split('/echo')[0]}/', to: '/silent/' }],
  routes: [
    ${guarded('yes', 'app', '/script?status=204')}
    ${guarded('who', 'app', '/script?status=401')}
    ${guarded('no', 'app', '/script?status=403')}
    ${guarded('odd', 'app', '/script?status=302')}
    ${guarded('silent', 'silent', '/')}
    { path: '/', proxy: 'app' },
  ],
  upstreams: { silent: { addresses: '${silent.address}' } },`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const asked = (name: string) =>
            ask(new URL(`/${name}/echo?${unique()}`, door), { headers: { ...asData, 'x-nonce': 'mine' } });
          const { headers } = JSON.parse((await asked('yes')).text);
          assert.match(headers['x-nonce'], /^[0-9a-f]{16}$/, 'the field of the app, not of the client');
          const refused = async (name: string) => {
            const answer = await asked(name);
            return [answer.status, reason(answer)];
          };
          assert.deepEqual(await refused('who'), [401, 'not-authenticated']);
          assert.deepEqual(await refused('no'), [403, 'not-authorized']);
          assert.deepEqual(await refused('odd'), [500, 'auth-failed']);
          assert.deepEqual(await refused('silent'), [500, 'auth-failed']);
          assert.equal((await ask(door, { path: wanted, method: 'DELETE' })).status, 500);
          const { method, headers: told } = silent.heard.at(-1) ?? assert.fail('nobody was asked');
          assert.deepEqual([method, told['x-original-method'], told['x-original-uri']], ['GET', 'DELETE', wanted]);
        }
      });
    },
  },
  {
    name: 'who asks too often gets 429 and is told when to come again; others, and a dry run, are let in',
    async run(stack) {
      const place = await folder(stack, { 'a/a.txt': 'a', 'b/a.txt': 'b' });
      const key = unique();
      const members = `limits: {
    often: { rate: '1/m', burst: 2, by: { header: 'x-key' } },
    dry: { rate: '1/h', by: { header: 'x-key' }, dryRun: true },
  },
  routes: [
    { path: '${place}a/', files: '.', limits: ['often'] },
    { path: '${place}b/', files: '.', limits: ['dry'] },
  ],`;
      await underSite(stack, members, async () => {
        const page = new URL(`${place}a/a.txt`, stack.front);
        const asked = (who: string) => ask(page, { headers: { ...asData, 'x-key': who } });
        for (let i = 0; i < 3; i++) assert.equal((await asked(key)).status, 200);
        const refused = await asked(key);
        assert.deepEqual([refused.status, reason(refused)], [429, 'rate-limited']);
        const after = Number(refused.headers['retry-after']);
        assert.ok(after > 50 && after <= 60, String(refused.headers['retry-after']));
        assert.equal((await asked(`${key}-other`)).status, 200);
        const dry = new URL(`${place}b/a.txt`, stack.front);
        for (let i = 0; i < 5; i++) assert.equal((await ask(dry, { headers: { 'x-key': key } })).status, 200);
        assert.ok((await counted(stack, 'trivet_limit_verdicts_total', { limit: 'dry' })) >= 5);
      });
    },
  },
  {
    name: 'of one client so many requests at once, and the next when one of them is over',
    async run(stack) {
      const releases: (() => void)[] = [];
      await using slow = await neighbour(stack, (_request, response) => {
        releases.push(() => response.end('done'));
      });
      const members = `limits: { two: { concurrent: 2, by: { header: 'x-key' } } },
  routes: [{ path: '/', proxy: 'slow', limits: ['two'] }],
  upstreams: { slow: { addresses: '${slow.address}' } },`;
      await underSite(stack, members, async () => {
        const headers = { ...asData, 'x-key': unique() };
        const asked = () => ask(new URL('/x', stack.front), { headers });
        const held = [asked(), asked()];
        await eventually(() => assert.equal(slow.heard.length, 2));
        const refused = await asked();
        assert.deepEqual([refused.status, reason(refused)], [429, 'too-many-at-once']);
        assert.match(String(refused.headers['retry-after']), /^\d+$/);
        for (const release of releases) release();
        for (const one of held) assert.equal((await one).text, 'done');
        const next = asked();
        await eventually(() => assert.equal(slow.heard.length, 3));
        releases[2]?.();
        assert.equal((await next).status, 200);
      });
    },
  },
];
