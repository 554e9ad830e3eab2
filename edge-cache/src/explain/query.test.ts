import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const open = () => edgeStand(numbered(() => ({})));

const thoughts: readonly [given: [string, string][], would: object][] = [
  [
    [['response-header', 'Cache-Control: max-age=5']],
    { verdict: 'store', why: 'max-age', says: 'max-age=5 in cache-control' },
  ],
  [[['response-header', 'Cache-Control: no-store']], { verdict: 'pass', why: 'no-store' }],
  [
    [
      ['response-header', 'Cache-Control: max-age=5'],
      ['response-header', 'Set-Cookie: a=b'],
    ],
    { verdict: 'pass', why: 'set-cookie' },
  ],
  [[['status', '500']], { verdict: 'pass', why: 'no-freshness' }],
  [
    [
      ['response-header', 'Cache-Control: max-age=5'],
      ['header', 'Authorization: x'],
    ],
    { verdict: 'pass', why: 'authorization' },
  ],
  [
    [
      ['response-header', 'Expires: Thu, 01 Jan 2026 00:01:00 GMT'],
      ['response-header', 'Vary: Accept'],
      ['response-header', 'Cache-Tag: t'],
    ],
    { verdict: 'store', why: 'expires', vary: ['accept'], tags: ['t'], instants: { freshUntil: { inSeconds: 60 } } },
  ],
];
for (const [given, would] of thoughts) {
  test(`explain says of a response with ${JSON.stringify(given)} whether it would be stored`, async () => {
    await using stand = await open();
    await using admin = await adminStand(stand);
    assert.partialDeepStrictEqual((await admin.explain([['url', 'http://h/'], ...given])).body, { would });
  });
}

for (const [what, parameter, query] of [
  ['no url', 'url', {}],
  ['a bad url', 'url', { url: 'ftp://h/' }],
  ['a url of no path', 'url', { url: '*' }],
  ['a bad method', 'method', { url: '/', method: 'A B' }],
  ['a client that is no address', 'client', { url: '/', client: '999' }],
  ['a bad header', 'header', { url: '/', header: 'nonsense' }],
  ['a header with a line break', 'header', { url: '/', header: 'A: b\nC: d' }],
  ['a bad response header', 'response-header', { url: '/', 'response-header': 'nonsense' }],
  ['a bad status', 'status', { url: '/', status: '199' }],
  ['a bad format', 'format', { url: '/', format: 'xml' }],
  ['a parameter that there is not', 'headers', { url: '/', headers: 'A: b' }],
] as const) {
  test(`explain refuses ${what}, and names the parameter`, async () => {
    await using stand = await open();
    await using admin = await adminStand(stand);
    const { status, body } = await admin.explain({ ...query });
    assert.equal(status, 400);
    assert.equal(body.parameter, parameter);
    assert.match(body.error ?? '', new RegExp(`"${parameter}"`));
  });
}

test('a hook of the policy that fails is told, with what it threw', async () => {
  const policy = {
    key: (): string => {
      throw new Error('no such table');
    },
  };
  await using stand = await edgeStand(
    numbered(() => ({})),
    { policy },
  );
  await using admin = await adminStand(stand);
  const { status, body } = await admin.explain({ url: 'http://h/' });
  assert.equal(status, 500);
  assert.match(body.error ?? '', /key/);
  assert.equal(body.cause, 'Error: no such table');
});
