import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '../gateway/validate.ts';
import { anEnviron, answerOf } from '../testing/recording.ts';
import { abort, MethodNotAllowed, NotFound, NotImplemented, Request, Response } from './werkzeug-like.ts';

const plain = 'text/plain; charset=utf-8';

test('the path is PATH_INFO alone, as text', () => {
  const request = new Request(anEnviron({ SCRIPT_NAME: '/app', PATH_INFO: '/a b/\u00c3\u00a9', QUERY_STRING: 'x=1' }));
  assert.equal(request.path, '/a b/é');
  assert.equal(request.rootPath, '/app');
  assert.equal(request.args.get('x'), '1');
  assert.equal(request.url, 'http://127.0.0.1:8080/app/a%20b/%C3%A9?x=1');
});

for (const [path, seen] of [
  ['', '/'],
  ['//x', '/x'],
] as const) {
  test(`the path ${JSON.stringify(path)} is seen as ${seen}`, () => {
    assert.equal(new Request(anEnviron({ PATH_INFO: path })).path, seen);
  });
}

test('a function from request to response is an application', async () => {
  const application = Request.application((request) => new Response(`${request.method} ${request.path}`));
  const { status, headers, text } = await answerOf(validate(application), { PATH_INFO: '/x' });
  assert.deepEqual([status, headers, text], ['200 OK', { 'content-type': plain, 'content-length': '6' }, 'GET /x']);
});

test('the function may take its time and read the body', async () => {
  const application = Request.application(async (request) => new Response(await request.body()));
  assert.equal((await answerOf(application, { REQUEST_METHOD: 'POST' }, Buffer.from('body'))).text, 'body');
});

for (const [status, method, text, headers] of [
  [200, 'HEAD', '', { 'content-type': plain, 'content-length': '2' }],
  [204, 'GET', '', {}],
  [304, 'GET', '', {}],
  [404, 'GET', 'hi', { 'content-type': plain, 'content-length': '2' }],
] as const) {
  test(`a ${status} to a ${method} has the body ${JSON.stringify(text)}`, async () => {
    const answer = await answerOf(validate(new Response('hi', { status })), { REQUEST_METHOD: method });
    assert.deepEqual([answer.text, answer.headers], [text, headers]);
  });
}

for (const [what, handler, status] of [
  ['NotFound', () => Promise.reject(new NotFound()), '404 Not Found'],
  ['NotImplemented', () => Promise.reject(new NotImplemented()), '501 Not Implemented'],
  ['abort(418)', () => abort(418, 'a <teapot>'), '418 Unknown'],
  ['MethodNotAllowed', () => Promise.reject(new MethodNotAllowed(['GET', 'HEAD'])), '405 Method Not Allowed'],
] as const) {
  test(`${what} becomes its page`, async () => {
    const answer = await answerOf(validate(Request.application(handler)));
    assert.equal(answer.status, status);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(answer.text, new RegExp(`<title>${status}</title>`));
    assert.doesNotMatch(answer.text, /<teapot>/);
    assert.equal(answer.headers.allow, status.startsWith('405') ? 'GET, HEAD' : undefined);
  });
}

test('any other error is the application’s own', async () => {
  const { failure } = await answerOf(Request.application(() => Promise.reject(new Error('broken'))));
  assert.equal(failure?.reason, 'internal');
});
