import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPolicy } from '@trivet/edge-cache';
import policy from './policy.ts';

const { request } = testPolicy(policy);
const phone = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148' };
const tablet = { 'user-agent': 'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)' };

test('administration is never looked up', () => {
  const tried = request('http://shop.example/admin/orders', { headers: { cookie: 'session=1; other=2' } });
  assert.equal(tried.do, 'pass');
  assert.equal(tried.why, 'admin pages');
  assert.equal(tried.origin?.header('cookie'), 'session=1; other=2');
});

test('a page that moved is answered by the edge', () => {
  const { do: what, status, headers, origin } = request('http://shop.example/old');
  assert.deepEqual([what, status, headers, origin], ['synth', 301, { location: '/new' }, undefined]);
});

test('links of campaigns are one page, and the application never sees where they came from', () => {
  const tried = request('http://shop.example/a?utm_source=mail&size=2&gclid=x&colour=red');
  assert.equal(tried.key, 'shop.example/a?colour=red&size=2');
  assert.equal(tried.origin?.target, '/a?colour=red&size=2');
});

test('there are three variants of a page, not one for every browser', () => {
  const variants = [phone, tablet, {}].map((headers) => {
    const tried = request('http://shop.example/', { headers });
    assert.equal(tried.do, 'lookup');
    const answer = tried.admit(200, { 'cache-control': 'max-age=60', vary: 'X-Device' });
    return answer.verdict === 'store' ? answer.variant : answer.why;
  });
  assert.deepEqual(variants, ['x-device:phone\n', 'x-device:tablet\n', 'x-device:desktop\n']);
});

test('what is missing is asked for again soon', () => {
  const answer = request('http://shop.example/nowhere').admit(404, { 'cache-control': 'max-age=3600' });
  assert.partialDeepStrictEqual(answer, { verdict: 'store', why: 'policy', ttlSeconds: 10 });
});

test('an article is filed under its number, beside the tags of the application', () => {
  const answer = request('http://shop.example/articles/7-red-shoes').admit(200, {
    'cache-control': 'max-age=60',
    'surrogate-key': 'shoes',
  });
  assert.partialDeepStrictEqual(answer, { tags: ['shoes', 'article-7-red-shoes'], ttlSeconds: 60, graceSeconds: 60 });
});

test('nothing that is set for one visitor is stored for the others', () => {
  const answer = request('http://shop.example/').admit(200, { 'cache-control': 'max-age=60', 'set-cookie': 'a=1' });
  assert.deepEqual(answer, { verdict: 'pass', why: 'set-cookie' });
});

test('images come from servers of their own, without cookies', () => {
  const { origin } = request('http://shop.example/images/a.png', { headers: { cookie: 'session=1', ...phone } });
  assert.deepEqual([origin?.backend, origin?.header('cookie')], ['images', undefined]);
  assert.equal(request('http://shop.example/').origin?.backend, 'default');
});

test('clients are not told what the application runs on', () => {
  const answer = request('http://shop.example/').deliver(200, { server: 'shop/1.0', 'content-type': 'text/html' });
  assert.equal(answer.header('server'), undefined);
  assert.equal(answer.header('content-type'), 'text/html');
});

test('when the application is away, visitors read so', () => {
  assert.match(request('http://shop.example/').synth(503)?.body ?? '', /Back in a minute/);
});
