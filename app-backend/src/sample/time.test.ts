// The same program three times: bare, and with either toolkit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { application } from '../../app.ts';
import { validate } from '../gateway/validate.ts';
import { answerOf } from '../testing/recording.ts';
import type { Environ } from '../wsgi.ts';

for (const name of ['raw', 'webob', 'werkzeug']) {
  for (const [what, differences, status] of [
    ['a GET', {}, '200 OK'],
    ['a GET through a proxy on another port', { HTTP_HOST: '127.0.0.1:9999' }, '200 OK'],
    ['a query', { QUERY_STRING: 'x=1' }, '200 OK'],
    ['a HEAD', { REQUEST_METHOD: 'HEAD' }, '501 Not Implemented'],
    ['a POST', { REQUEST_METHOD: 'POST' }, '501 Not Implemented'],
    ['another host', { HTTP_HOST: 'example.com' }, '404 Not Found'],
    ['another name of this machine', { HTTP_HOST: 'localhost:8080' }, '404 Not Found'],
    ['another path', { PATH_INFO: `/time/${name}/x` }, '404 Not Found'],
    ['no slash at the end', { PATH_INFO: `/time/${name}` }, '404 Not Found'],
  ] as readonly [string, Partial<Environ>, string][]) {
    test(`/time/${name}/ answers ${what} by ${status}`, async () => {
      const environ = { PATH_INFO: `/time/${name}/`, ...differences };
      const answer = await answerOf(validate(application), environ);
      assert.equal(answer.status, status);
      if (status !== '200 OK') return;
      assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
      assert.match(answer.text, /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\n$/);
    });
  }
}
