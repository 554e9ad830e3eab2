import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get } from '../testing/http-text.ts';
import { generousLimits } from '../testing/test-listener.ts';
import { Inflow } from './inflow.ts';
import { LaneCount } from './lane-count.ts';
import { LaneHeads } from './lane-heads.ts';
import type { Limits } from './node-server.ts';

function headsOf(text: string, more: Partial<Limits> = {}) {
  const limits = { ...generousLimits, ...more };
  const inflow = new Inflow();
  const count = new LaneCount(limits.keepaliveRequests);
  inflow.add(Buffer.from(text, 'latin1'));
  const heads = new LaneHeads(inflow, count, limits);
  const next = () => {
    const found = heads.next();
    return typeof found === 'object' ? found.head.target : found;
  };
  return { heads, inflow, count, next };
}

const odd = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx';
const last = get('/last', 'Connection: close\r\n');

describe('the heads of a connection', () => {
  for (const [what, text, found, rest] of [
    ['come in order', get('/1') + get('/2'), ['/1', '/2', undefined], ''],
    ['are not there until their end is', get('/1') + get('/2').slice(0, -1), ['/1', undefined], get('/2').slice(0, -1)],
    ['that are not plain stay with all behind them', get('/1') + odd, ['/1', 'odd'], odd],
    ['end with one that says so', last, ['/last', undefined], ''],
    ['behind the last are the slow lane’s, with the last', last + get('/2'), ['odd'], last + get('/2')],
  ] as const) {
    test(what, () => {
      const { inflow, next } = headsOf(text);
      assert.deepEqual([found.map(next), inflow.takeAll().toString('latin1')], [found, rest]);
    });
  }

  test('are given with their bytes', () => {
    const { heads } = headsOf(get('/1'));
    const found = heads.next();
    assert.equal(typeof found === 'object' && found.bytes.toString(), get('/1'));
  });

  test('are as many as a connection may ask, and each that came is counted, plain or not', () => {
    const { count, next } = headsOf(get('/1') + get('/2') + get('/3'), { keepaliveRequests: 2 });
    assert.deepEqual([next(), next()], ['/1', 'odd']);
    assert.deepEqual([count.isFirst, count.isAtEnd], [false, true]);
  });
});

describe('what has come may be the beginning of a plain head', () => {
  for (const [text, more, mayGoOn] of [
    ['GET /x HTTP/1.1\r\nHo', {}, true],
    ['G', {}, true],
    ['POST /', {}, false],
    ['\r\n', {}, false],
    ['GET /23456', { maxTarget: 10 }, true],
    ['GET /234567', { maxTarget: 10 }, false],
    ['GET /234567', { maxHead: 10 }, false],
  ] as const) {
    test(`${JSON.stringify(text)} ${JSON.stringify(more)}: ${mayGoOn}`, () => {
      assert.equal(headsOf(text, more).heads.mayGoOn(), mayGoOn);
    });
  }
});
