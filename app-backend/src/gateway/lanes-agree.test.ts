// Both lanes give the same bytes, the same records and the same lines of the log, whatever the application does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { statuses } from '@trivet/kit/testing/http-text.ts';
import fc from 'fast-check';
import { applications } from '../testing/applications.ts';
import { bothLanes } from '../testing/both-lanes.ts';
import type { Application } from '../wsgi.ts';

const close = 'Connection: close\r\n';
const head = (method: string, target: string, more = '') => `${method} ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const bytes = (text: string) => Buffer.from(text, 'latin1');

const hello: Application = (environ, start) => {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(`hello ${environ.PATH_INFO}`)];
};

/** Where `/it` is asked for the application, else `hello`. */
const beside =
  (application: Application): Application =>
  (environ, start) =>
    (environ.PATH_INFO.startsWith('/it') ? application : hello)(environ, start);

describe('both lanes say the same of an application that gives', () => {
  for (const [what, application] of Object.entries(applications)) {
    for (const method of ['GET', 'HEAD']) {
      test(`${what}: ${method}`, async () => {
        await using pair = await bothLanes(() => beside(application));
        const last = head(method, '/it', close);
        const first = head(method, '/it');
        const conversations = [
          [last],
          [first + head('GET', '/next', close)],
          [first, first, head('GET', '/next', close)],
        ];
        for (const parts of conversations) {
          const { fast, slow } = await pair.ask(parts.map(bytes));
          assert.doesNotMatch(slow.text, /did not close/);
          assert.deepEqual(fast, slow, JSON.stringify(parts));
        }
      });
    }
  }
});

describe('both lanes say the same however the head is cut', () => {
  for (const what of ['an array', 'one block', 'a promise of an array'] as const) {
    test(what, async () => {
      const application = applications[what];
      assert.ok(application);
      await using pair = await bothLanes(() => application);
      const whole = bytes(head('GET', '/', close));
      for (let at = 1; at < whole.length; at++) {
        const { fast, slow } = await pair.ask([whole.subarray(0, at), whole.subarray(at)]);
        assert.deepEqual(fast, slow, `cut at ${at}`);
        assert.deepEqual(statuses(fast.text), [200]);
      }
    });
  }
});

const fields = [
  'Cookie: a=b\r\nCookie: c=d',
  'Accept: application/json',
  'Range: bytes=0-1',
  'If-None-Match: "1"',
  'Connection: keep-alive',
  'Connection: close, x',
  'Content-Type: text/plain',
  'Content-Type: text/plain\r\nContent-Type: text/html',
  'Content-Length: 0',
  'X_Under_Score: 1',
  'X-Request-Id: abc-123',
  'X-Request-Id: not good',
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Proto: https\r\nForwarded: for=1.2.3.4;proto=http',
  'X-Forwarded-Prefix: /shop',
  'X-Forwarded-Prefix: //shop',
  'X-Latin: \xe9',
  'X-Bad: \x01',
  'Expect: 100-continue',
  'Expect: else',
  'Upgrade: websocket',
  'Transfer-Encoding: chunked, chunked',
  'X-Blank:  a ',
];
const targets = [
  '/',
  '/a%20b?c=d',
  '/%',
  '//x',
  '/a/../b',
  '/mount',
  '/mount/x',
  '/ws',
  '/ws?x',
  '/ws/x',
  '/\x7f',
  'http://b/c',
];

const aHead = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'get'),
    target: fc.constantFrom(...targets),
    lines: fc.array(fc.constantFrom(...fields), { maxLength: 3 }),
  })
  .map(({ method, target, lines }) => head(method, target, lines.map((line) => `${line}\r\n`).join('')));

test('both lanes say the same of random heads, applications and cuts', async () => {
  const all = Object.values(applications);
  let chosen = [hello];
  // The n-th request of a conversation is for the n-th of the chosen ones.
  const counters: { n: number }[] = [];
  const inTurn = (): Application => {
    const counter = { n: 0 };
    counters.push(counter);
    return (environ, start) => (chosen[counter.n++ % chosen.length] ?? hello)(environ, start);
  };
  await using pair = await bothLanes(inTurn, {
    mounts: { '/mount': (_request, response) => void response.end('mounted') },
    upgrades: { '/ws': (_inbound, socket) => void socket.end() },
  });
  const heads = fc.array(aHead, { minLength: 1, maxLength: 4 });
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
  const ofAll = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(heads, cuts, ofAll, async (asked, at, wanted) => {
      chosen = wanted;
      for (const counter of counters) counter.n = 0;
      const whole = bytes(asked.join('') + head('GET', '/last', close));
      const places = [0, ...at.map((part) => Math.floor(part * whole.length)).sort((a, b) => a - b)];
      const parts = places.map((from, i) => whole.subarray(from, places[i + 1])).filter((part) => part.length > 0);
      const { fast, slow } = await pair.ask(parts);
      assert.equal(fast.text, slow.text);
    }),
    { numRuns: 150 },
  );
});
