import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredFields, handshakeFields, judgeUpgrade, switchedFields, switchesToWebSocket } from './upgrade-guard.ts';

const asked = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket'];

const requests: [name: string, verdict: string, request: { method?: string; version?: string; fields: string[] }][] = [
  ['a handshake', 'tunnel', { fields: asked }],
  ['a handshake in other letters', 'tunnel', { fields: ['connection', 'UPGRADE', 'upgrade', 'WebSocket'] }],
  ['a handshake that offers a second protocol', 'tunnel', { fields: [...asked, 'Upgrade', 'h2c'] }],
  ['a handshake with Content-Length: 0', 'tunnel', { fields: [...asked, 'Content-Length', '0'] }],
  ['a handshake with a body', 'body', { fields: [...asked, 'Content-Length', '5'] }],
  ['a handshake with two lengths', 'body', { fields: [...asked, 'Content-Length', '0', 'Content-Length', '0'] }],
  ['a handshake with a length that is no number', 'body', { fields: [...asked, 'Content-Length', '+0'] }],
  ['a handshake with a chunked body', 'body', { fields: [...asked, 'Transfer-Encoding', 'chunked'] }],
  ['a handshake with an empty Transfer-Encoding', 'body', { fields: [...asked, 'Transfer-Encoding', ''] }],
  ['a POST', 'not a handshake', { method: 'POST', fields: asked }],
  ['HTTP/1.0', 'not a handshake', { version: '1.0', fields: asked }],
  ['h2c alone', 'not a handshake', { fields: ['Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', 'h2c'] }],
  ['an Upgrade that Connection does not name', 'not a handshake', { fields: ['Upgrade', 'websocket'] }],
  ['no Upgrade', 'not a handshake', { fields: ['Connection', 'Upgrade'] }],
];

for (const [name, expected, { method = 'GET', version = '1.1', fields }] of requests) {
  test(`${name} is judged: ${expected}`, () => {
    const verdict = judgeUpgrade({ method, version, fields });
    assert.equal(verdict.verdict === 'tunnel' ? 'tunnel' : verdict.why, expected);
    if (verdict.verdict === 'refuse') assert.equal(verdict.fault.status, 400);
  });
}

const answers: [name: string, switches: boolean, fields: string[]][] = [
  ['that names WebSocket in both fields', true, ['Upgrade', 'WebSocket', 'Connection', 'upgrade']],
  ['without Upgrade', false, ['Connection', 'Upgrade']],
  ['without Connection', false, ['Upgrade', 'websocket']],
  ['to another protocol', false, ['Upgrade', 'h2c', 'Connection', 'Upgrade']],
  ['to two protocols', false, ['Upgrade', 'websocket, h2c', 'Connection', 'Upgrade']],
  ['without fields', false, []],
];

for (const [name, switches, fields] of answers) {
  test(`a 101 ${name} ${switches ? 'switches' : 'does not switch'}`, () => {
    assert.equal(switchesToWebSocket(fields), switches);
  });
}

test('the request carries the given fields, one wish, and nothing that announces a body', () => {
  const given = ['Host', 'a', 'Cookie', 'x=1', 'Upgrade', 'h2c', 'content-length', '0', 'Transfer-Encoding', 'chunked'];
  assert.deepEqual(handshakeFields(given), [
    'Host',
    'a',
    'Cookie',
    'x=1',
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
  ]);
});

test('a 101 keeps its own fields and loses those of its connection and of a body', () => {
  const answer = [
    'Connection',
    'Upgrade, X-Hop',
    'X-Hop',
    '1',
    'Upgrade',
    'websocket',
    'Content-Length',
    '5',
    'X-A',
    '1',
  ];
  assert.deepEqual(switchedFields(answer, []), ['X-A', '1', 'Connection', 'Upgrade', 'Upgrade', 'websocket']);
});

test('the cookies of this hop stand beside those of the upstream', () => {
  const answer = ['Set-Cookie', 'a=1', 'X-Request-Id', 'theirs'];
  const own = ['Set-Cookie', 'b=2', 'X-Request-Id', 'ours'];
  assert.deepEqual(switchedFields(answer, own).slice(0, 6), ['Set-Cookie', 'a=1', ...own]);
});

const framings: [name: string, answer: string[], framed: string[]][] = [
  ['in chunks', ['Transfer-Encoding', 'Chunked', 'Keep-Alive', 'timeout=5'], ['Transfer-Encoding', 'Chunked']],
  ['by its length', ['Content-Length', '5'], ['Content-Length', '5']],
  ['by the end of the connection', [], ['Transfer-Encoding', 'chunked']],
  ['by the end of the connection, coded', ['Transfer-Encoding', 'gzip'], ['Transfer-Encoding', 'gzip, chunked']],
];

for (const [name, answer, framed] of framings) {
  test(`an answer framed ${name} has a frame with an end of its own`, () => {
    assert.deepEqual(answeredFields([...answer, 'X-A', '1'], []).toSorted(), [...framed, 'X-A', '1'].toSorted());
  });
}

test('fields of this hop stand behind those that every hop adds to, and instead of all others', () => {
  const answer = ['Via', '1.1 app', 'x-request-id', 'old', 'Content-Length', '1'];
  const own = ['Via', '1.1 front', 'X-Request-Id', 'new'];
  assert.deepEqual(answeredFields(answer, own), ['Via', '1.1 app', 'Content-Length', '1', ...own]);
});
