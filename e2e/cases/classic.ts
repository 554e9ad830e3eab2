import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import type { Case } from '../topology.ts';

const here = { headers: { host: '127.0.0.1' } };

/** The time application of the book, written against bare WSGI and with two toolkits. */
const times: readonly Case[] = ['raw', 'webob', 'werkzeug'].map((kind) => ({
  name: `the classic time application, ${kind}: the time, 501 for other methods, 404 for other hosts and paths`,
  async run({ edge }) {
    const page = new URL(`/time/${kind}/`, edge);
    const time = await ask(page, here);
    assert.equal(time.status, 200);
    assert.match(time.text, /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}/);
    assert.equal((await ask(page, { ...here, method: 'POST', body: 'x' })).status, 501);
    assert.equal((await ask(page, { headers: { host: 'example.org' } })).status, 404);
    assert.equal((await ask(new URL(`/time/${kind}/other`, edge), here)).status, 404);
  },
}));

export const classic: readonly Case[] = [
  {
    name: 'the classic environ application prints what the server tells it',
    async run({ edge }) {
      const answer = await ask(new URL('/env?a=b', edge));
      assert.equal(answer.status, 200);
      assert.match(String(answer.headers['content-type']), /^text\/plain; ?charset=utf-8/i);
      assert.match(answer.text, /REQUEST_METHOD.*GET/);
      assert.match(answer.text, /QUERY_STRING.*a=b/);
      assert.match(answer.text, /wsgi\.version/);
    },
  },
  ...times,
  {
    name: 'an Express application is mounted beside them',
    async run({ edge }) {
      assert.equal((await ask(new URL('/express/', edge))).status, 200);
    },
  },
];
