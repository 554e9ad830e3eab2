import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atomOf, knownAtoms, needsHeads } from './access-atoms.ts';
import type { ExchangeRecord } from './exchange-record.ts';

const record: ExchangeRecord = {
  ...{ id: 'a', client: '192.0.2.1', method: 'GET', target: '/%C3%A9?q', host: 'h', version: '1.0' },
  ...{ status: 200, bytes: 400, ms: 1_999.9996, outcome: 'done' },
  heads: {
    request: ['X-A-B', '1, 2', 'X-A-B', '3', 'Content-Length', '5', 'Authorization', 'Basic bWU6'],
    response: ['X-A', 'answered'],
    bodyBytes: 0,
  },
};

const said = (name: string, over: Partial<ExchangeRecord> = {}) =>
  atomOf(name)?.({ record: { ...record, ...over }, at: 0, pid: 9 });

describe('the atom', () => {
  for (const [name, value] of [
    ['U', '/\u00c3\u00a9'],
    ['T', 1],
    ['M', 1_999],
    ['D', 2_000_000],
    ['L', '2.000000'],
    ['b', 0],
    ['u', 'me'],
    ['r', 'GET /%C3%A9?q HTTP/1.0'],
    ['{X-A-B}i', '3'],
    ['{x-a}o', 'answered'],
    ['{x-a}i', undefined],
    ['{HTTP_X_A_B}e', '1,2,3'],
    ['{query_string}e', 'q'],
    ['{raw_uri}e', '/%C3%A9?q'],
    ['{content_length}e', '5'],
    ['{wsgi.input}e', undefined],
    ['{toString}e', undefined],
  ] as const) {
    test(`${name} is ${value}`, () => assert.equal(said(name), value));
  }

  test('L has six digits behind the point', () => assert.equal(said('L', { ms: 12_345.678 }), '12.345678'));

  test('of a client on a Unix socket is missing, and empty in the environ', () => {
    assert.deepEqual([said('h', { client: 'unix' }), said('{remote_addr}e', { client: 'unix' })], [undefined, '']);
    assert.equal(said('{remote_addr}e'), '192.0.2.1');
  });

  test('of the time is that of the line, not of the request', () => {
    const at = new Date(2026, 11, 31, 23, 59, 1).getTime();
    assert.match(String(atomOf('t')?.({ record, at, pid: 9 })), /^\[31\/Dec\/2026:23:59:01 [+-]\d{4}\]$/);
  });

  for (const name of ['x', '', 'hh', '{a}', '{a}x', '{}i', '{{a}}i', 'constructor']) {
    test(`${name} does not exist`, () => assert.equal(atomOf(name), undefined));
  }
});

test('only what every record lacks needs the heads', () => {
  const names = ['h', 'u', 'b', 'B', 'r', 'f', 'a', '{x}i', '{x}o', '{x}e', 'bb'];
  assert.deepEqual(names.filter(needsHeads), ['u', 'b', 'B', '{x}i', '{x}o', '{x}e']);
});

test('those that a message names exist', () => {
  const names = knownAtoms.split(' ').map((name) => name.replace('NAME', 'x'));
  assert.ok(names.length > 20);
  assert.deepEqual(
    names.filter((name) => atomOf(name) === undefined),
    [],
  );
});
