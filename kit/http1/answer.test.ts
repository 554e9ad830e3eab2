import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault, type Reason, reasons } from '../semantics/fault.ts';
import { eventually } from '../testing/eventually.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import { answerPage, note, standardFields } from './answer.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n';
const last = `${get}Connection: close\r\n\r\n`;

/** The head and the body of the answer to a handler that fails for this reason. */
async function failed(reason: Reason, request = last) {
  await using server = await testListener({ onRequest: () => Promise.reject(new Fault(reason, 'so it is')) });
  const [head = '', body = ''] = (await rawExchange(server.port, request)).split('\r\n\r\n');
  await eventually(() => assert.equal(server.records[0]?.fault?.reason, reason));
  return { head, body, record: server.records[0] };
}

describe('a fault is answered', () => {
  test('with its status, its reason, the tier and the id of the request', async () => {
    const { head, body, record } = await failed('refused');
    assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    assert.match(head, /^Proxy-Status: static-frontend;error=connection_refused;details="so it is"\r?$/im);
    assert.match(head, /^Retry-After: 5\r?$/m);
    assert.match(head, /^Server-Timing: front;dur=[\d.]+\r?$/m);
    assert.match(head, new RegExp(`^X-Request-Id: ${record?.id}\r?$`, 'm'));
    const { tier, status, reason, requestId } = JSON.parse(body);
    assert.deepEqual([tier, status, reason, requestId], ['static-frontend', 503, 'refused', record?.id]);
  });

  test('without Proxy-Status and Retry-After when no next hop was at fault', async () => {
    assert.doesNotMatch((await failed('not-found')).head, /Proxy-Status|Retry-After/);
  });

  test('without its own body for HEAD, but with the length of that', async () => {
    const { head, body } = await failed('not-found', last.replace('GET', 'HEAD'));
    assert.match(head, /^Content-Length: [1-9]/m);
    assert.equal(body, '');
  });

  const closing: Reason[] = ['bad-request', 'bad-framing', 'body-timeout', 'body-too-large', 'target-too-long'];
  for (const reason of [...closing, 'not-found', 'refused', 'internal'] satisfies Reason[]) {
    const closes = closing.includes(reason);
    test(`${reason} (${reasons[reason].status}) ${closes ? 'closes' : 'keeps'} the connection`, async () => {
      const request = closes ? `${get}\r\n` : `${get}\r\n${last}`;
      const { head } = await failed(reason, request);
      assert.equal(/^connection: close\r?$/im.test(head), closes);
    });
  }
});

test('fields of the tier stand beside those of the page', async () => {
  await using server = await testListener({
    onRequest: (inbound, response) => {
      const fault = new Fault('not-found', 'x');
      answerPage(inbound, response, { tier: 'edge-cache', fault, fields: ['Via', '1.1 edge'] });
      // A second answer is none.
      answerPage(inbound, response, { tier: 'edge-cache', fault: new Fault('internal', 'y'), fields: [] });
    },
  });
  const answer = await rawExchange(server.port, last);
  assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*^Via: 1\.1 edge\r$/m);
  assert.match(answer, /"tier":\s*"edge-cache"/);
  await eventually(() => assert.equal(server.records[0]?.fault?.reason, 'not-found'));
});

test('notes add up in the record, the last word on each counts', async () => {
  await using server = await testListener({
    onRequest: (_inbound, response) => {
      note(response, { trail: ['lookup'], why: 'old' });
      note(response, { why: 'new', cache: 'hit' });
      response.end();
    },
  });
  await rawExchange(server.port, last);
  await eventually(() => {
    const [record] = server.records;
    assert.deepEqual([record?.trail, record?.why, record?.cache], [['lookup'], 'new', 'hit']);
  });
});

test('Server-Timing is told where a name is given', async () => {
  await using server = await testListener({
    onRequest: (inbound, response) => {
      response.writeHead(200, [...standardFields(inbound, undefined), ...standardFields(inbound, 'edge')]).end();
    },
  });
  const answer = await rawExchange(server.port, last);
  assert.equal(answer.match(/^X-Request-Id: /gm)?.length, 2);
  assert.equal(answer.match(/^Server-Timing: edge;dur=/gm)?.length, 1);
});
