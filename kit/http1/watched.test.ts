import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { describeLanes } from '../testing/both-lanes.ts';
import { eventually } from '../testing/eventually.ts';
import { statuses } from '../testing/http-text.ts';
import { rawConnect, rawExchange } from '../testing/raw-client.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { generousLimits } from '../testing/test-listener.ts';
import { Connection } from './connection.ts';
import type { Guest } from './guest.ts';
import { isLastOn, judgeRequest, watchHeads } from './watched.ts';

/** What the parser makes of a head. */
function parsed(rawHeaders: readonly string[], target = '/'): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  const head = { method: 'GET', url: target, httpVersion: '1.1', rawHeaders: [...rawHeaders] };
  return Object.assign(request, head);
}

const peer = { address: '127.0.0.1', port: 1, trusted: false };
const guest: Guest = { peer, kind: 'tcp', prefaceBytes: 0, refusal: undefined, isTunnel: false };

/** A connection on which these bytes have come. */
function having(bytes: string): Connection {
  const connection = new Connection(new Socket(), { ...guest });
  connection.watch.see(Buffer.from(bytes, 'latin1'));
  return connection;
}

describe('a request is judged', () => {
  const limits = { ...generousLimits, maxHead: 100 };
  const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const told = (bytes: string | undefined, fields: readonly string[] = ['Host', 'a'], target = '/') => {
    const connection = bytes === undefined ? undefined : having(bytes);
    const judgement = judgeRequest(parsed(fields, target), connection, limits);
    return judgement.verdict === 'refuse' ? judgement.fault.reason : judgement.target;
  };

  test('by what came: a line that the parser made good is refused', () => {
    assert.equal(told(head), '/');
    assert.equal(told(head.replace(' /', '  /')), 'bad-request');
    assert.equal(told(`\r\n\r\n${head}`), 'bad-request');
    assert.equal(told(head, ['Host', 'a'], '/other'), 'bad-request');
  });

  test('by the bytes that came and not by those it would have', () => {
    assert.equal(told(head.replace(': a', `:${' '.repeat(100)}a`)), 'head-too-large');
  });

  test('by what the parser says where no connection is known', () => {
    assert.equal(told(undefined), '/');
    assert.equal(told(undefined, []), 'bad-host');
    assert.equal(told(undefined, ['Host', 'a', 'X', 'b'.repeat(100)]), 'head-too-large');
  });

  test('once: the watch goes on behind it, to the next', () => {
    const connection = having(head + head.replace('/', '/b') + head.replace('/', '/c').replace(' HTTP', '  HTTP'));
    const verdicts = ['/', '/b', '/c'].map(
      (target) => judgeRequest(parsed(['Host', 'a'], target), connection, limits).verdict,
    );
    assert.deepEqual(verdicts, ['accept', 'accept', 'refuse']);
  });
});

/** A connection that is watched, and the reasons for which it was to be refused. */
async function watched() {
  const pair = await socketPair();
  const connection = new Connection(pair.server, { ...guest });
  const lines: (string | undefined)[] = [];
  // As the parser, which is there first.
  pair.server.on('data', () => lines.push(connection.watch.head?.line));
  const reasons: string[] = [];
  const limits = { maxHead: 100, maxFields: 10, maxTarget: 50 };
  watchHeads(connection, limits, ({ reason }) => reasons.push(reason));
  const arrive = async (bytes: string) => {
    const before = pair.server.bytesRead;
    pair.client.write(bytes);
    await eventually(() => assert.equal(pair.server.bytesRead, before + bytes.length));
  };
  return { connection, lines, reasons, arrive, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
}

describe('heads are watched', () => {
  const endlessTarget = `GET /${'a'.repeat(60)}`;
  const endlessField = `GET / HTTP/1.1\r\nX: ${'a'.repeat(100)}`;

  test('before the parser sees them', async () => {
    await using watch = await watched();
    await watch.arrive('GET /a');
    assert.deepEqual(watch.lines, ['GET /a']);
  });

  for (const [what, bytes, reason] of [
    ['a target', endlessTarget, 'target-too-long'],
    ['a field', endlessField, 'head-too-large'],
  ] as const) {
    test(`and refused while ${what} without an end is on its way`, async () => {
      await using watch = await watched();
      await watch.arrive(bytes.slice(0, 50));
      assert.deepEqual(watch.reasons, []);
      await watch.arrive(bytes.slice(50));
      assert.deepEqual(watch.reasons, [reason]);
    });
  }

  test('but one that is whole is left to be judged as a request', async () => {
    await using watch = await watched();
    await watch.arrive(`${endlessField}\r\n\r\n`);
    assert.equal(watch.connection.watch.head?.isWhole, true);
    assert.deepEqual(watch.reasons, []);
  });

  test('but not in a tunnel: what passes there is no head', async () => {
    await using watch = await watched();
    const { connection } = watch;
    connection.becomes(connection.socket);
    await watch.arrive(endlessTarget);
    assert.deepEqual([watch.reasons, connection.watch.head?.line], [[], '']);
  });

  for (const [what, end] of [
    ['a refusal', (connection: Connection) => connection.markRefused()],
    ['the last answer', (connection: Connection) => Object.assign(connection, { isEnding: true })],
  ] as const) {
    test(`and nothing is refused behind ${what}`, async () => {
      await using watch = await watched();
      end(watch.connection);
      await watch.arrive(endlessTarget);
      assert.deepEqual([watch.reasons, watch.lines], [[], [endlessTarget]]);
    });
  }
});

describe('the last request on its connection', () => {
  const upgrade = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'h2c'];
  const head = 'GET / HTTP/1.1\r\nX: y\r\n\r\n';
  const cases: readonly [what: string, fields: string[], behind: string, isLast: boolean][] = [
    ['no upgrade, nothing behind it', [], '', false],
    ['no upgrade, and another behind it', [], head, false],
    ['no upgrade, and a body', ['Content-Length', '1'], 'x', false],
    ['an upgrade that Connection does not name, and another behind it', ['Upgrade', 'h2c'], head, false],
    ['an upgrade, nothing behind it', upgrade, '', false],
    ['an upgrade, and another behind it', upgrade, head, true],
    ['an upgrade, and the beginning of another', upgrade, 'G', true],
    ['an upgrade, and an empty line', upgrade, '\r', true],
    ['an upgrade with a body that came with it', [...upgrade, 'Content-Length', '1'], 'x', true],
    ['an upgrade with a body that has not come', [...upgrade, 'Content-Length', '1'], '', true],
    ['an upgrade with a chunked body that has not come', [...upgrade, 'Transfer-Encoding', 'chunked'], '', true],
    ['an upgrade that says it has no body', [...upgrade, 'Content-Length', '0'], '', false],
  ];
  for (const [what, fields, behind, isLast] of cases) {
    test(`is ${isLast ? '' : 'not '}that of ${what}`, () => {
      const connection = having(head + behind);
      connection.watch.take(fields);
      assert.equal(isLastOn(connection, parsed(fields), generousLimits), isLast);
    });
  }

  test('is the one that reaches the limit, which 0 is not', () => {
    const connection = having('');
    const seen = (keepaliveRequests: number) =>
      isLastOn(connection, parsed([]), { ...generousLimits, keepaliveRequests });
    connection.countRequest();
    assert.deepEqual([0, 1, 2].map(seen), [false, true, false]);
    connection.countRequest();
    assert.deepEqual([0, 1, 2, 3].map(seen), [false, true, true, false]);
  });
});

describeLanes('an upgrade that nobody takes', (testListener) => {
  const ask = (more: string) => `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${more}\r\n`;

  test('is the last request where it has a body, which the parser loses', async () => {
    await using server = await testListener();
    const next = 'GET /behind HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await rawExchange(server.port, [`${ask('Content-Length: 2\r\n')}ab`, next]);
    assert.deepEqual(statuses(answer), [200]);
    assert.match(answer, /^connection: close\r$/im);
  });

  test('is not the last where its packet ends with it', async () => {
    await using server = await testListener();
    await using client = await rawConnect(server.port);
    for (let i = 0; i < 3; i++) {
      await client.write(ask(''));
      assert.match(await client.readUntil('ok'), /^connection: keep-alive\r$/im);
    }
  });
});
