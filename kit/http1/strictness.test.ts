import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import { announcesBody, asksForWebSocket, judge, type RawHead } from './strictness.ts';

const limits = { maxHead: 1_000, maxFields: 10, maxTarget: 300 };
const head = (more: Partial<RawHead> = {}): RawHead => ({
  method: 'GET',
  target: '/',
  version: '1.1',
  fields: ['Host', 'a'],
  ...more,
});
const verdictOf = (raw: RawHead) => {
  const judgement = judge(raw, limits);
  return judgement.verdict === 'accept' ? 'accept' : judgement.fault.reason;
};

describe('a request head', () => {
  const judged: readonly [what: string, raw: Partial<RawHead>, verdict: string][] = [
    ['a plain one', {}, 'accept'],
    ['a Host in capitals', { fields: ['HOST', 'A:81'] }, 'accept'],
    ['no Host in HTTP/1.0', { version: '1.0', fields: [] }, 'accept'],
    ['no Host', { fields: [] }, 'bad-host'],
    ['two Hosts', { fields: ['Host', 'a', 'host', 'a'] }, 'bad-host'],
    ['two Hosts in HTTP/1.0', { version: '1.0', fields: ['Host', 'a', 'host', 'a'] }, 'bad-host'],
    ['a bad Host with a target that has its own', { target: 'http://b/', fields: ['Host', 'a b'] }, 'bad-host'],
    ['HTTP/0.9', { version: '0.9' }, 'bad-request'],
    ['HTTP/2.0', { version: '2.0' }, 'bad-version'],
    ['TRACE', { method: 'TRACE' }, 'method-not-allowed'],
    ['CONNECT', { method: 'CONNECT', target: 'a:1' }, 'method-not-allowed'],
    ['chunked in capitals', { fields: ['Host', 'a', 'Transfer-Encoding', 'Chunked'] }, 'accept'],
    ['identity', { fields: ['Host', 'a', 'Transfer-Encoding', 'identity'] }, 'unknown-coding'],
    ['no coding', { fields: ['Host', 'a', 'Transfer-Encoding', ''] }, 'bad-framing'],
    ['chunked with a parameter', { fields: ['Host', 'a', 'Transfer-Encoding', 'chunked;q=1'] }, 'unknown-coding'],
    ['an empty length', { fields: ['Host', 'a', 'Content-Length', ''] }, 'bad-framing'],
    ['a list of lengths', { fields: ['Host', 'a', 'Content-Length', '1, 1'] }, 'bad-framing'],
    ['a hexadecimal length', { fields: ['Host', 'a', 'Content-Length', '0x1'] }, 'bad-framing'],
    ['two expectations', { fields: ['Host', 'a', 'Expect', '100-continue', 'Expect', 'x'] }, 'bad-expectation'],
    ['an expectation in capitals', { fields: ['Host', 'a', 'Expect', '100-Continue'] }, 'accept'],
    ['Connection: close, cookie', { fields: ['Host', 'a', 'Connection', 'close, Cookie'] }, 'bad-request'],
    ['Connection: x-custom', { fields: ['Host', 'a', 'Connection', 'x-custom'] }, 'accept'],
    ['host:port for GET', { target: 'a:80' }, 'bad-request'],
    ['another scheme', { target: 'ftp://a/' }, 'bad-request'],
    ['an asterisk for OPTIONS', { method: 'OPTIONS', target: '*' }, 'accept'],
  ];
  for (const [what, raw, verdict] of judged) {
    test(`${what}: ${verdict}`, () => assert.equal(verdictOf(head(raw)), verdict));
  }

  test('is within its limits or not by one byte, one field', () => {
    const withTarget = (bytes: number) => head({ target: `/${'a'.repeat(bytes - 1)}` });
    assert.equal(verdictOf(withTarget(300)), 'accept');
    assert.equal(verdictOf(withTarget(301)), 'target-too-long');
    const withFields = (count: number) => head({ fields: ['Host', 'a', ...Array(2 * count - 2).fill('x')] });
    assert.equal(verdictOf(withFields(10)), 'accept');
    assert.equal(verdictOf(withFields(11)), 'too-many-fields');
    const raw = (value: string) => head({ fields: ['Host', 'a', 'X', value] });
    const bytes = 'GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n'.length;
    assert.equal(verdictOf(raw('v'.repeat(1_000 - bytes))), 'accept');
    assert.equal(verdictOf(raw('v'.repeat(1_001 - bytes))), 'head-too-large');
  });

  test('keeps its target and fields byte for byte, but for the Host that an absolute target replaces', () => {
    const fields = ['hOsT', 'A.b:81', 'X', ' \xff', 'x', ''];
    const plain = judge(head({ target: '/%7e?a=%20&&', fields }), limits);
    assert.deepEqual(plain, { verdict: 'accept', target: '/%7e?a=%20&&', host: 'A.b:81', fields });
    const absolute = judge(head({ target: 'http://C.d:1/x', fields }), limits);
    assert.deepEqual(absolute, {
      verdict: 'accept',
      target: '/x',
      host: 'C.d:1',
      fields: ['X', ' \xff', 'x', '', 'Host', 'C.d:1'],
    });
  });
});

const names = fc.constantFrom(
  'Host',
  'host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Expect',
  'Upgrade',
  'TE',
  'X',
  '__proto__',
);
const values = fc.oneof(
  fc.constantFrom(
    'a',
    '',
    '0',
    '5',
    '+5',
    'chunked',
    ' chunked',
    'gzip, chunked',
    ',',
    'close',
    'host',
    '100-continue',
  ),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
);
const rawHeads: fc.Arbitrary<RawHead> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'PURGE', ''),
  target: fc.oneof(fc.constantFrom('/', '*', '//', 'http://a', 'http://a:1/x?y', 'a:1', ''), fc.webUrl(), fc.string()),
  version: fc.constantFrom('1.1', '1.0', '0.9', '2.0', ''),
  fields: fc.array(fc.tuple(names, values), { maxLength: 8 }).map((pairs) => pairs.flat()),
});

describe('whatever the head', () => {
  test('it is judged, and what is accepted has one reading', () => {
    fc.assert(
      fc.property(rawHeads, (raw) => {
        const judgement = judge(raw, limits);
        if (judgement.verdict === 'refuse') {
          assert.equal(judgement.fault.blame, 'client');
          return;
        }
        const count = (name: string) =>
          raw.fields.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length;
        const hosts = judgement.fields.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'host').length;
        assert.ok(hosts === 1 || (hosts === 0 && raw.version === '1.0'));
        assert.ok(count('content-length') + count('transfer-encoding') <= 1);
        assert.match(judgement.target, /^(?:\/[\x21-\x7e]*|\*)$/);
        assert.ok(!judgement.target.includes('#'));
      }),
    );
  });

  test('the listener serves one request and one only, or refuses it', async () => {
    const seen: string[] = [];
    await using server = await testListener({
      onRequest: async ({ target, body, bodyLength }, response) => {
        let bytes = 0;
        for await (const chunk of body ?? []) bytes += chunk.length;
        if (bodyLength !== undefined) assert.equal(bytes, bodyLength);
        seen.push(target);
        response.end('ok');
      },
    });
    const lines = fc.array(fc.tuple(names, values), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS'), lines, async (method, pairs) => {
        seen.length = 0;
        const fields = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('');
        const behind = 'GET /behind HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
        await rawExchange(server.port, `${method} /first HTTP/1.1\r\n${fields}\r\n${behind}`);
        // What came behind is either a request of its own, behind one that was served, or was never one.
        assert.ok(seen.length <= 2 && seen.every((target, i) => target === ['/first', '/behind'][i]), seen.join());
      }),
      { numRuns: 40 },
    );
  });
});

describe('by its fields alone a message', () => {
  for (const [fields, verdict] of [
    [['Upgrade', 'websocket', 'Connection', 'Upgrade'], true],
    [['upgrade', ' WebSocket ', 'connection', 'keep-alive, upgrade'], true],
    [['Upgrade', 'websocket'], false],
    [['Upgrade', 'h2c', 'Connection', 'Upgrade'], false],
    [['Upgrade', 'websocket, h2c', 'Connection', 'Upgrade'], false],
    [['Connection', 'Upgrade'], false],
  ] as const) {
    test(`asks for a WebSocket or not: ${fields.join(' ')}: ${verdict}`, () => {
      assert.equal(asksForWebSocket(fields), verdict);
    });
  }

  for (const [fields, verdict] of [
    [[], false],
    [['Content-Length', '0'], false],
    [['content-length', '1'], true],
    [['Transfer-Encoding', 'chunked'], true],
  ] as const) {
    test(`announces a body or not: ${fields.join(' ')}: ${verdict}`, () => {
      assert.equal(announcesBody(fields), verdict);
    });
  }
});
