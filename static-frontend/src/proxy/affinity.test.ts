import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { field, lines } from '@trivet/kit/semantics/fields.ts';
import { signSticky, stickyId } from '@trivet/kit/upstream/sticky.ts';
import type { Site, UpstreamOptions } from '../define-site.ts';
import { affinityOf, tunnelWay, withOurCookie, withoutOurCookie } from './affinity.ts';

const siteOf = (options: UpstreamOptions): Site => ({
  routes: [{ path: '/', proxy: 'app' }],
  upstreams: { app: options },
});
const asker = { client: '192.0.2.7', fields: [], scheme: 'http', target: '/a?b' } as const;
const ofApp = (options: UpstreamOptions, over: Partial<Parameters<typeof affinityOf>[2]> = {}) =>
  affinityOf(siteOf(options), 'app', { ...asker, ...over });

test('there is none where all addresses are the same to a client', () => {
  assert.equal(ofApp({ balance: 'random' }), undefined);
  assert.equal(affinityOf({ routes: [] }, 'app', asker), undefined);
  assert.equal(affinityOf(siteOf({ sticky: {} }), 'other', asker), undefined);
});

describe('the key of a request', () => {
  const keyOf = (hashBy: UpstreamOptions['hashBy'], over: object = {}) =>
    ofApp({ balance: 'hash', ...(hashBy && { hashBy }) }, over)?.wish.hashKey;
  const cookie = { fields: ['Cookie', 'x=1; user=7'] };

  const same: [what: string, one: string | undefined, other: string | undefined][] = [
    ['the client by default', keyOf(undefined), keyOf('client')],
    ['the client, whatever it asks for', keyOf('client'), keyOf('client', { target: '/z', fields: ['A', 'b'] })],
    ['the /64 of a client', keyOf('client', { client: '2001:db8::1' }), keyOf('client', { client: '2001:db8::2:1' })],
    ['the URL, whoever asks', keyOf('url'), keyOf('url', { client: '192.0.2.8' })],
    [
      'a field, its name in any case',
      keyOf({ header: 'X-User' }, { fields: ['x-user', '7'] }),
      keyOf({ header: 'x-USER' }, { fields: ['X-User', '7'] }),
    ],
    [
      'a cookie, whoever sends it',
      keyOf({ cookie: 'user' }, cookie),
      keyOf({ cookie: 'user' }, { ...cookie, client: '192.0.2.8' }),
    ],
    ['the client where the cookie is missing', keyOf({ cookie: 'user' }), keyOf('client')],
    ['the client where the field is empty', keyOf({ header: 'x-user' }, { fields: ['X-User', ''] }), keyOf('client')],
  ];
  for (const [what, one, other] of same) {
    test(`is ${what}`, () => {
      assert.ok(one);
      assert.equal(one, other);
    });
  }

  test('is another for another client, URL, field, cookie', () => {
    assert.notEqual(keyOf('client'), keyOf('client', { client: '192.0.2.8' }));
    assert.notEqual(keyOf('url'), keyOf('url', { target: '/a?c' }));
    assert.notEqual(keyOf({ header: 'a' }, { fields: ['A', '1'] }), keyOf({ header: 'a' }, { fields: ['A', '2'] }));
    assert.notEqual(keyOf({ cookie: 'user' }, cookie), keyOf({ cookie: 'user' }, { fields: ['Cookie', 'user=8'] }));
  });
});

const secret = 'hush, this is one of ours';
const sticky = { cookie: 'place', secret };
const id = stickyId({ kind: 'tcp', host: '10.0.0.1', port: 80 });
const good = signSticky(id, secret);

describe('the cookie of a request', () => {
  const placeOf = (...cookies: string[]) =>
    ofApp({ sticky }, { fields: cookies.flatMap((line) => ['Cookie', line]) })?.wish.stickyTo;

  const table: [what: string, cookies: string[], place: string | undefined][] = [
    ['leads to its place', [`place=${good}`], id],
    ['leads there among others', [`a=1; place=${good} ;b`, 'c=2'], id],
    ['leads there on a line of its own', ['a=1', `place=${good}`], id],
    ['leads there behind one that is not ours', [`place=old; place=${good}`], id],
    [
      'leads nowhere when it was signed with another secret',
      [`place=${signSticky(id, 'another secret, no less')}`],
      undefined,
    ],
    ['leads nowhere when its place was changed', [`place=${'A'.repeat(8)}${good.slice(8)}`], undefined],
    ['leads nowhere under another name', [`Place=${good}; xplace=${good}`], undefined],
    ['leads nowhere when it is cut', [`place=${good.slice(0, -1)}`], undefined],
    ['leads nowhere when it is quoted', [`place="${good}"`], undefined],
    ['may be missing', [], undefined],
  ];
  for (const [what, cookies, place] of table) test(what, () => assert.equal(placeOf(...cookies), place));

  const kept: [sent: string[], kept: string[]][] = [
    [['Cookie', `place=${good}`], []],
    [
      ['cookie', `a=1; place=${good}; b=2`],
      ['cookie', 'a=1; b=2'],
    ],
    [
      ['Cookie', `place=${good}; b=2`],
      ['Cookie', 'b=2'],
    ],
    [
      ['Cookie', 'place=forged; b=2', 'Cookie', 'c=3'],
      ['Cookie', 'b=2', 'Cookie', 'c=3'],
    ],
    [
      ['Cookie', 'a=1;b=2;  places=3', 'X', `place=${good}`],
      ['Cookie', 'a=1;b=2;  places=3', 'X', `place=${good}`],
    ],
    [
      ['Cookie', '', 'X', ''],
      ['Cookie', '', 'X', ''],
    ],
    [
      ['X', '1'],
      ['X', '1'],
    ],
  ];
  for (const [sent, left] of kept) {
    test(`goes no further: ${JSON.stringify(sent).replaceAll(good, 'GOOD')}`, () => {
      assert.deepEqual(withoutOurCookie(sent, ofApp({ sticky })), left);
    });
  }

  test('is left alone where it is not ours', () => {
    const fields = ['Cookie', 'place=1'];
    assert.equal(withoutOurCookie(fields, undefined), fields);
    assert.equal(withoutOurCookie(fields, ofApp({ balance: 'hash' })), fields);
  });
});

describe('the cookie of an answer', () => {
  const answer = (options: UpstreamOptions['sticky'], over: object = {}, head: object = {}) =>
    withOurCookie(
      { status: 200, fields: ['Set-Cookie', 'session=1'], ...head },
      ofApp({ ...(options && { sticky: options }) }, over),
      id,
    ).fields;
  const cookieOf = (...args: Parameters<typeof answer>) => lines(answer(...args), 'set-cookie').at(-1);

  test('leads to who answers, and to nobody else', () => {
    assert.deepEqual(lines(answer(sticky), 'set-cookie'), [
      'session=1',
      `place=${good}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
  });

  test('has an age where one is said, and is for https alone where the client uses it', () => {
    const said = cookieOf({ ...sticky, maxAge: '2h' }, { scheme: 'https' });
    assert.equal(said, `place=${good}; Path=/; HttpOnly; SameSite=Lax; Max-Age=7200; Secure`);
  });

  test('is called after the upstream, so that two do not meet', () => {
    const site: Site = { routes: [], upstreams: { 'a b': { sticky: {} }, app: { sticky: {} } } };
    const said = (name: string) =>
      field(withOurCookie({ status: 200, fields: [] }, affinityOf(site, name, asker), id).fields, 'set-cookie');
    assert.match(said('app') ?? '', /^trivet-app=/);
    assert.match(said('a b') ?? '', /^trivet-a_b=/);
  });

  test('without a secret is the same in all processes', () => {
    const one = cookieOf({});
    assert.equal(one, cookieOf({}));
    const [, value = ''] = /=([^;]*)/.exec(one ?? '') ?? [];
    assert.equal(ofApp({ sticky: {} }, { fields: ['Cookie', `trivet-app=${value}`] })?.wish.stickyTo, id);
  });

  const silent: [what: string, over: object, head: object][] = [
    ['the client came by it', { fields: ['Cookie', `place=${good}`] }, {}],
    ['it is a 304', {}, { status: 304 }],
  ];
  for (const [what, over, head] of silent) {
    test(`is not there when ${what}`, () => {
      assert.deepEqual(answer(sticky, over, head), ['Set-Cookie', 'session=1']);
    });
  }

  test('is there when the client came by another', () => {
    const other = signSticky('A'.repeat(8), secret);
    assert.match(cookieOf(sticky, { fields: ['Cookie', `place=${other}`] }) ?? '', /^place=/);
  });

  test('is for no shared cache, whichever field speaks to it', () => {
    const cached = [
      'Cache-Control',
      'public, max-age=60',
      'CDN-Cache-Control',
      'max-age=9',
      'Surrogate-Control',
      'max-age=8',
    ];
    const fields = answer(sticky, {}, { fields: cached });
    assert.equal(field(fields, 'cache-control'), 'public, max-age=60, private="set-cookie"');
    assert.equal(field(fields, 'cdn-cache-control'), 'max-age=9, private="set-cookie"');
    assert.equal(field(fields, 'surrogate-control'), 'max-age=8, private="set-cookie"');
    const plain = answer(sticky);
    assert.equal(field(plain, 'cache-control'), 'private="set-cookie"');
    assert.equal(field(plain, 'cdn-cache-control'), undefined);
  });
});

test('a tunnel to a name that is not resolved gets no cookie', () => {
  const way = tunnelWay(ofApp({ sticky }), { endpoints: () => [] });
  assert.deepEqual(way.answerFieldsFrom?.({ kind: 'tcp', host: 'app.test', port: 80 }), []);
  assert.equal(way.answerFieldsFrom?.({ kind: 'unix', path: '/run/a.sock' })[0], 'Set-Cookie');
  assert.deepEqual(tunnelWay(undefined, { endpoints: () => [] }), {});
});
