import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  address,
  choice,
  count,
  duration,
  flag,
  formatAddress,
  isLoopback,
  origins,
  parseAddress,
  peers,
  size,
  sizeOrNone,
  text,
  wait,
} from './units.ts';

const good = [
  [duration, '0s', 0],
  [duration, '250ms', 250],
  [duration, '10s', 10_000],
  [duration, '5m', 300_000],
  [duration, '1h', 3_600_000],
  [duration, '596h', 2_145_600_000],
  [wait, '1ms', 1],
  [size, '0B', 0],
  [size, '17B', 17],
  [size, '64KB', 65_536],
  [size, '256MB', 268_435_456],
  [size, '2GB', 2_147_483_648],
  [count(0, 10), '0', 0],
  [count(0, 10), '10', 10],
  [count(1, 10), '007', 7],
  [sizeOrNone, '0', 0],
  [sizeOrNone, '64KB', 65_536],
  [flag, 'on', true],
  [flag, 'off', false],
  [choice('a', 'b'), 'b', 'b'],
  [text, '', ''],
  [text, ' as it is ', ' as it is '],
] as const;

for (const [unit, given, value] of good) {
  test(`${JSON.stringify(given)} is read as ${value}`, () => {
    assert.equal(unit.parse(given), value);
  });
}

const bad = [
  [duration, '', /"" is not a duration such as 250ms, 10s, 5m or 1h \(units: ms, s, m, h\)/],
  [duration, '10', /not a duration/],
  [duration, '1.5s', /not a duration/],
  [duration, '-1s', /not a duration/],
  [duration, ' 1s', /not a duration/],
  [duration, '10S', /not a duration/],
  [duration, '1d', /not a duration/],
  [duration, '1toString', /not a duration/],
  [duration, '597h', /597h is longer than the limit of 596h/],
  [duration, '9999999h', /longer than the limit/],
  [duration, '999999999999h', /more than can be counted/],
  [wait, '0s', /must be longer than 0/],
  [wait, 'soon', /not a duration/],
  [size, '', /"" is not a size such as 64KB, 256MB or 2GB \(units: B, KB, MB, GB\)/],
  [size, '64', /not a size/],
  [size, '64kb', /not a size/],
  [size, '1TB', /not a size/],
  [size, '999999999999GB', /999999999999GB is more than can be counted/],
  [count(1, 10), '0', /"0" is not a whole number from 1 to 10/],
  [count(1, 10), '11', /from 1 to 10/],
  [count(1, 10), '1e1', /from 1 to 10/],
  [count(1, 10), '0x5', /from 1 to 10/],
  [count(1, 10), '', /"" is not/],
  [sizeOrNone, '1', /"1" is not 0 or a size/],
  [flag, 'yes', /"yes" is neither on nor off/],
  [flag, '', /neither on nor off/],
  [choice('a', 'b'), 'c', /"c" is not one of a, b/],
] as const;

for (const [unit, given, complaint] of bad) {
  test(`${JSON.stringify(given)} is refused with one sentence: ${complaint.source}`, () => {
    const { error } = unit.safeParse(given);
    assert.equal(error?.issues.length, 1);
    assert.match(error.issues[0]?.message ?? '', complaint);
  });
}

describe('an address to listen on', () => {
  const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });
  const unix = (path: string) => ({ kind: 'unix', path });
  const accepted = [
    ['127.0.0.1:8080', tcp('127.0.0.1', 8080)],
    ['0.0.0.0:0', tcp('0.0.0.0', 0)],
    ['localhost:65535', tcp('localhost', 65535)],
    ['[::1]:80', tcp('::1', 80)],
    ['[::ffff:127.0.0.1]:80', tcp('::ffff:127.0.0.1', 80)],
    ['unix:/run/app.sock', unix('/run/app.sock')],
    ['unix:///run/app.sock', unix('/run/app.sock')],
    ['unix:app:1.sock', unix('app:1.sock')],
  ] as const;
  for (const [given, value] of accepted) {
    test(`may be ${given}`, () => assert.deepEqual(address.parse(given), value));
  }

  const refused = [
    ['', /"" is not HOST:PORT or unix:PATH/],
    ['8080', /not HOST:PORT/],
    [':8080', /not HOST:PORT/],
    ['::1:80', /not HOST:PORT/],
    ['[::1]', /not HOST:PORT/],
    ['a/b:80', /not HOST:PORT/],
    ['a b:80', /not HOST:PORT/],
    ['http://a:80', /not HOST:PORT|port must be/],
    ['[a]:80', /"a" is not an IPv6 address/],
    ['[127.0.0.1]:80', /not an IPv6 address/],
    ['a:', /the port must be a number from 0 to 65535/],
    ['a:x', /the port must be/],
    ['a:65536', /the port must be/],
    ['a:-1', /the port must be/],
    ['unix:', /lacks the path/],
    ['unix://app.sock', /"unix:\/\/app.sock" is not unix:PATH/],
    [`unix:/${'x'.repeat(107)}`, /has more than 107 bytes/],
  ] as const;
  for (const [given, complaint] of refused) {
    test(`may not be ${JSON.stringify(given)}`, () => {
      assert.match(address.safeParse(given).error?.issues[0]?.message ?? 'accepted', complaint);
    });
  }

  test('is written as it is read', () => {
    for (const given of ['127.0.0.1:8080', '[::1]:80', 'unix:/run/app.sock']) {
      assert.equal(formatAddress(parseAddress(given)), given);
    }
  });

  const local = [
    ['127.0.0.1:1', true],
    ['127.9.9.9:1', true],
    ['localhost:1', true],
    ['[::1]:1', true],
    ['unix:/x', true],
    ['0.0.0.0:1', false],
    ['[::]:1', false],
    ['10.0.0.1:1', false],
    ['127.evil.example:1', false],
    ['127.0.0.999:1', false],
  ] as const;
  for (const [given, verdict] of local) {
    test(`is ${verdict ? '' : 'not '}of this machine alone: ${given}`, () => {
      assert.equal(isLoopback(parseAddress(given)), verdict);
    });
  }
});

describe('the addresses of an upstream', () => {
  test('are a list of http://HOST:PORT and unix:PATH', () => {
    assert.deepEqual(origins.parse('http://a:8000, http://[::1]:81/,unix:/run/app.sock,http://b'), [
      { kind: 'tcp', host: 'a', port: 8000 },
      { kind: 'tcp', host: '::1', port: 81 },
      { kind: 'unix', path: '/run/app.sock' },
      { kind: 'tcp', host: 'b', port: 80 },
    ]);
  });

  const refused = [
    ['', /"" is not an address such as/],
    ['http://a:1,', /"" is not an address/],
    ['a:8000', /not an address/],
    ['https://a', /not an address/],
    ['http:a:1', /not an address/],
    ['http:///a', /not an address/],
    ['http://a:99999', /not an address/],
    ['http://a b', /not an address/],
    ['http://a/x', /alone, without path, query or user/],
    ['http://a?x', /alone/],
    ['http://a/?', /alone/],
    ['http://a#', /alone/],
    ['http://u@a', /alone/],
    ['http://:secret@a', /alone/],
    ['http://a:0', /nothing can be reached at port 0/],
    ['unix:', /lacks the path/],
  ] as const;
  for (const [given, complaint] of refused) {
    test(`may not be ${JSON.stringify(given)}`, () => {
      assert.match(origins.safeParse(given).error?.issues[0]?.message ?? 'accepted', complaint);
    });
  }
});

test('peers are read as a question about an address', () => {
  const trusted = peers.parse('10.0.0.0/8, ::1');
  assert.equal(trusted('10.1.2.3'), true);
  assert.equal(trusted('11.1.2.3'), false);
  assert.match(peers.safeParse('10.0.0.0/8,proxy.example').error?.issues[0]?.message ?? '', /"proxy.example" is not/);
});
