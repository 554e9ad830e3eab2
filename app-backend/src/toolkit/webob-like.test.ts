import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '../gateway/validate.ts';
import { anEnviron, answerOf } from '../testing/recording.ts';
import { Request, Response, type WebobResponseOptions } from './webob-like.ts';

const request = new Request(
  anEnviron({
    HTTP_HOST: 'example.com:8080',
    SCRIPT_NAME: '/app',
    PATH_INFO: '/a b/\u00c3\u00a9',
    QUERY_STRING: 'x=1&y=%20',
    HTTP_COOKIE: 'a=1; b="2"; a=3',
    CONTENT_TYPE: 'text/plain; charset=utf-8',
    REMOTE_ADDR: '192.0.2.1',
  }),
);

// What WebOb itself says of such an environ.
for (const [name, value] of [
  ['method', 'GET'],
  ['domain', 'example.com'],
  ['host', 'example.com:8080'],
  ['path', '/app/a%20b/%C3%A9'],
  ['pathQs', '/app/a%20b/%C3%A9?x=1&y=%20'],
  ['hostUrl', 'http://example.com:8080'],
  ['applicationUrl', 'http://example.com:8080/app'],
  ['pathUrl', 'http://example.com:8080/app/a%20b/%C3%A9'],
  ['url', 'http://example.com:8080/app/a%20b/%C3%A9?x=1&y=%20'],
  ['pathInfo', '/a b/é'],
  ['scriptName', '/app'],
  ['scheme', 'http'],
  ['contentType', 'text/plain'],
  ['contentLength', undefined],
  ['remoteAddress', '192.0.2.1'],
] as const) {
  test(`request.${name} is ${JSON.stringify(value)}`, () => {
    assert.equal(request[name], value);
  });
}

test('the query, the cookies and the header fields are there by name', () => {
  assert.deepEqual(
    [...request.GET],
    [
      ['x', '1'],
      ['y', ' '],
    ],
  );
  assert.deepEqual(
    [...request.cookies],
    [
      ['a', '1'],
      ['b', '2'],
    ],
  );
  assert.equal(request.headers.get('content-TYPE'), 'text/plain; charset=utf-8');
  assert.equal(request.headers.get('Host'), 'example.com:8080');
  assert.equal(request.headers.has('X-None'), false);
  const names = [...request.headers].map(([name]) => name).sort();
  assert.deepEqual(names, ['content-type', 'cookie', 'host']);
});

test('the body is there as bytes, text and JSON, as often as it is asked for', async () => {
  const posted = new Request(anEnviron({}, Buffer.from('{"a":"é"}')));
  assert.equal(await posted.text(), '{"a":"é"}');
  assert.deepEqual(await posted.json(), { a: 'é' });
  assert.equal((await posted.body()).length, 10);
});

test('a body that is no JSON, or in no known charset, is the fault of the client', async () => {
  await assert.rejects(new Request(anEnviron({}, Buffer.from('{'))).json(), { status: 400 });
  const odd = anEnviron({ CONTENT_TYPE: 'text/plain; charset=klingon' }, Buffer.from('x'));
  await assert.rejects(new Request(odd).text(), { status: 415 });
});

test('a form in the body stands behind the query in params', async () => {
  const environ = anEnviron(
    { CONTENT_TYPE: 'application/x-www-form-urlencoded', QUERY_STRING: 'a=1' },
    Buffer.from('a=2&b=%20'),
  );
  assert.deepEqual(
    [...(await new Request(environ).params())],
    [
      ['a', '1'],
      ['a', '2'],
      ['b', ' '],
    ],
  );
});

type Case = readonly [
  what: string,
  options: WebobResponseOptions,
  status: string,
  headers: Record<string, string>,
  text: string,
];
const html = 'text/html; charset=utf-8';
const cases: readonly Case[] = [
  ['nothing', {}, '200 OK', { 'content-type': html, 'content-length': '0' }, ''],
  ['text', { body: 'é' }, '200 OK', { 'content-type': html, 'content-length': '2' }, '\u00c3\u00a9'],
  ['JSON', { json: { a: 1 } }, '200 OK', { 'content-type': 'application/json', 'content-length': '7' }, '{"a":1}'],
  ['a status', { status: 404, body: 'no' }, '404 Not Found', { 'content-type': html, 'content-length': '2' }, 'no'],
  ['a status line', { status: '299 Fine' }, '299 Fine', { 'content-type': html, 'content-length': '0' }, ''],
  ['no content', { status: 204, body: 'no' }, '204 No Content', {}, ''],
  [
    'a type',
    { contentType: 'text/css', body: 'a' },
    '200 OK',
    { 'content-type': 'text/css', 'content-length': '1' },
    'a',
  ],
  ['blocks', { body: [Buffer.from('a')] }, '200 OK', { 'content-type': html }, 'a'],
  [
    'a location',
    { status: 303, location: '/x' },
    '303 See Other',
    { 'content-type': html, 'content-length': '0', location: 'http://127.0.0.1:8080/x' },
    '',
  ],
];

for (const [what, options, status, headers, text] of cases) {
  test(`a response of ${what} is an application that answers so`, async () => {
    assert.deepEqual(await answerOf(validate(new Response(options))), { status, headers, text, failure: undefined });
  });
}

test('a HEAD gets the headers of the GET', async () => {
  const { headers, text } = await answerOf(new Response({ body: 'hello' }), { REQUEST_METHOD: 'HEAD' });
  assert.deepEqual([headers['content-length'], text], ['5', '']);
});

test('a HEAD closes a body that is made while it is sent', async () => {
  let closed = 0;
  const body = Object.assign([Buffer.from('x')], { close: () => void closed++ });
  await answerOf(new Response({ body }), { REQUEST_METHOD: 'HEAD' });
  assert.equal(closed, 1);
});

test('what is set after the making counts', async () => {
  const response = new Response();
  response.status = 201;
  response.text = 'hello';
  response.headers.set('X-A', 'b');
  response.setCookie('id', 'a b;', { maxAgeSeconds: 5, isSecure: true, isHttpOnly: true, sameSite: 'Lax' });
  const { status, headers, text } = await answerOf(response);
  assert.deepEqual([status, headers['content-length'], headers['x-a'], text], ['201 Created', '5', 'b', 'hello']);
  assert.equal(headers['set-cookie'], 'id=a%20b%3B; Path=/; Max-Age=5; Secure; HttpOnly; SameSite=Lax');
  assert.throws(() => response.setCookie('a;b', 'c'), TypeError);
});

test('a response tells what it is', () => {
  const response = new Response({ status: 404, body: 'no', location: '/x' });
  assert.equal(typeof response, 'function');
  assert.ok(response instanceof Response);
  const { status, statusCode, text, contentType, location } = response;
  assert.deepEqual([status, statusCode, text, contentType, location], ['404 Not Found', 404, 'no', 'text/html', '/x']);
});

test('one response serves many requests', async () => {
  const response = new Response({ body: 'again' });
  for (let i = 0; i < 2; i++) assert.equal((await answerOf(response)).text, 'again');
});
