import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import type { Site } from '../define-site.ts';
import { ownNginx } from '../testing/oracles/own-nginx.ts';
import { whyNot } from '../testing/oracles/program.ts';
import { readReply, runFront } from '../testing/running-front.ts';

const skip = whyNot('nginx');

const users =
  'ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nbob:$apr1$abcdefgh$rRdIxwY5XRHT4TMtBPZn.0:of the house\n# eve:x\n';

const nginxOver = (folder: string) =>
  ownNginx({
    http: `
  limit_req_status 429; limit_conn_status 429;
  limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;
  limit_req_zone $http_x_key zone=key:1m rate=1r/m;`,
    server: `
    root ${folder};
    location /basic/ { auth_basic "house"; auth_basic_user_file ${folder}/users; }
    location /burst/ { limit_req zone=few burst=2 nodelay; }
    location /key/ { limit_req zone=key; }
    location /allow/ { allow 127.0.0.0/8; deny all; }
    location /deny/ { deny 127.0.0.1; }`,
  });

const site = (folder: string): Site => ({
  limits: { few: { rate: '1/m', burst: 2 }, key: { rate: '1/m', by: { header: 'x-key' } } },
  routes: [
    { path: '/basic/', files: '.', basicAuth: { realm: 'house', users: join(folder, 'users') } },
    { path: '/burst/', files: '.', limits: ['few'] },
    { path: '/key/', files: '.', limits: ['key'] },
    { path: '/allow/', files: '.', access: { allow: ['127.0.0.0/8'] } },
    { path: '/deny/', files: '.', access: { deny: ['127.0.0.1'] } },
  ],
});

const basic = (text: string) => ['Authorization', `Basic ${Buffer.from(text).toString('base64')}`];

const table: readonly [target: string, fields: readonly string[]][] = [
  ['/basic/f', []],
  ...[
    'ada:password',
    'ada:Password',
    'bob:pässword',
    'bob:',
    'eve:x',
    '# eve:x',
    'password',
    ':',
    'ada:password:x',
  ].map((text): [string, string[]] => ['/basic/f', basic(text)]),
  ['/basic/f', ['Authorization', 'Bearer x']],
  ['/basic/none', []],
  ['/%62asic/f', []],
  ...Array<[string, string[]]>(5).fill(['/burst/f', []]),
  ['/key/f', ['X-Key', '1']],
  ['/key/f', ['X-Key', '2']],
  ['/key/f', ['X-Key', '1']],
  ['/allow/f', []],
  ['/deny/f', []],
];

async function ask(port: number, [target, fields]: (typeof table)[number]) {
  let lines = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  const { status, get } = readReply(await rawExchange(port, `${lines}\r\n`));
  // nginx does not say which letters a password is written in; RFC 7617 §2.1 has it so.
  return [target, status, get('www-authenticate')?.replace(', charset="UTF-8"', '')];
}

test('passwords, addresses and limits let in whom nginx lets in', { skip }, async () => {
  const names = ['basic', 'burst', 'key', 'allow', 'deny'];
  await using tree = await fileTree({ users, ...Object.fromEntries(names.map((name) => [`${name}/f`, 'f'])) });
  await using peer = await nginxOver(tree.path);
  await using front = await runFront({ root: tree.path, site: site(tree.path) });
  for (const asked of table) assert.deepEqual(await ask(front.port, asked), await ask(peer.port, asked), asked.join());
});
