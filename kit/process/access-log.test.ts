import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { Fault } from '../semantics/fault.ts';
import { type AccessLogOptions, openAccessLog } from './access-log.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { logExchange } from './log.ts';

/** All that a record may have: a field that is added to it must come into the line. */
const whole: Required<Omit<ExchangeRecord, 'fault' | 'isToldElsewhere' | 'heads'>> = {
  id: 'i',
  client: '192.0.2.1',
  method: 'GET',
  target: '/"\\\u0001\u2028é?a=1',
  host: 'a',
  version: '1.1',
  status: 200,
  bytes: 1434,
  ms: 0.25,
  outcome: 'done',
  referer: 'http://b.example/',
  userAgent: 'curl/8',
  trail: ['receive', 'lookup', 'deliver'],
  why: 'because',
  cache: 'hit',
  fwd: 'stale',
  ttl: -3,
  ttfbMs: 0.125,
  fragments: 2,
};

function opened(options: Partial<AccessLogOptions> = {}) {
  const lines: string[] = [];
  const broken: ExchangeRecord[] = [];
  const log = openAccessLog({
    tier: 'edge-cache',
    format: 'json',
    sample: 1,
    skips: () => false,
    isInfoWanted: true,
    put: (line) => void lines.push(line),
    broken: (record) => void broken.push(record),
    ...options,
  });
  return { log, lines, broken };
}

const parsed = (line = ''): Record<string, unknown> => JSON.parse(line);

describe('the line of an exchange', () => {
  for (const [what, record] of [
    ['with all there is to know', whole],
    ['with little', { ...whole, referer: undefined, ttl: undefined, trail: undefined, ttfbMs: Number.NaN }],
  ] as const) {
    test(`${what} is the one that the logger would write`, () => {
      const { log, lines } = opened();
      log.exchange(record);
      const theirs: string[] = [];
      const levels = { formatters: { level: (level: string) => ({ level }) } };
      const logger = pino({ base: { tier: 'edge-cache' }, ...levels }, { write: (line) => void theirs.push(line) });
      logExchange(logger, record);
      const withoutTime = (line = '') => line.replace(/"time":\d+/, '"time":0');
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /"time":\d+/);
      assert.equal(withoutTime(lines[0]), withoutTime(theirs[0]));
    });
  }

  test('in the combined format is that of Apache and nginx', () => {
    const { log, lines } = opened({ format: 'combined' });
    log.exchange({ ...whole, target: '/a' });
    assert.match(
      lines[0] ?? '',
      /^192\.0\.2\.1 - - \[[^\]]+ \+0000\] "GET \/a HTTP\/1\.1" 200 1434 "http:\/\/b\.example\/" "curl\/8"\n$/,
    );
  });

  test('in the pretty format is one for people', () => {
    const { log, lines } = opened({ format: 'pretty', sample: 3 });
    log.exchange({ ...whole, target: '/a' });
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} info {2}GET \/a 200 0\.25ms id=i .* sample=3\n$/);
  });
});

describe('with sampling', () => {
  test('one in so many is logged, the first one first, and its line says for how many it stands', () => {
    const { log, lines } = opened({ sample: 3 });
    for (let i = 0; i < 10; i++) log.exchange({ ...whole, id: `${i}` });
    assert.deepEqual(
      lines.map((line) => [parsed(line).id, parsed(line).sample]),
      [
        ['0', 3],
        ['3', 3],
        ['6', 3],
        ['9', 3],
      ],
    );
  });

  test('what broke or was answered with 500 or more is all logged, and stands for itself', () => {
    const { log, lines, broken } = opened({ sample: 1000 });
    log.exchange(whole);
    const fault = new Fault('bad-request', 'x');
    for (let i = 0; i < 3; i++) {
      log.exchange({ ...whole, status: 500 });
      log.exchange({ ...whole, status: 400, fault });
    }
    assert.equal(broken.length, 3);
    assert.deepEqual(
      lines.map((line) => [parsed(line).status, parsed(line).sample]),
      [
        [200, 1000],
        [500, undefined],
        [500, undefined],
        [500, undefined],
      ],
    );
  });

  test('who asks before there is a record is counted like all others', () => {
    const { log, lines } = opened({ sample: 2 });
    const answers = [200, 304, 503, 200].map((status) => log.wants('/', status));
    log.exchange(whole);
    assert.deepEqual([answers, lines.length], [[true, false, true, true], 0]);
  });
});

describe('a target that is skipped', () => {
  const skips = (target: string) => target.startsWith('/healthz');

  test('gets no line, unless it broke or was answered with 500 or more', () => {
    const { log, lines, broken } = opened({ skips });
    log.exchange({ ...whole, target: '/healthz' });
    log.exchange({ ...whole, target: '/healthz', status: 404 });
    log.exchange({ ...whole, target: '/healthz?a', status: 500 });
    log.exchange({ ...whole, target: '/healthz', status: 400, fault: new Fault('bad-request', 'x') });
    log.exchange({ ...whole, target: '/' });
    assert.deepEqual(
      lines.map((line) => [parsed(line).target, parsed(line).status]),
      [
        ['/healthz?a', 500],
        ['/', 200],
      ],
    );
    assert.equal(broken.length, 1);
    assert.deepEqual([log.wants('/healthz', 200), log.wants('/', 200)], [false, true]);
  });

  test('is none of those that the sampling counts', () => {
    const { log, lines } = opened({ skips, sample: 2 });
    for (let i = 0; i < 4; i++) {
      log.exchange({ ...whole, id: `${i}` });
      log.exchange({ ...whole, target: '/healthz' });
    }
    assert.deepEqual(
      lines.map((line) => parsed(line).id),
      ['0', '2'],
    );
  });
});

test('where lines of that level are not wanted only what broke is handed on', () => {
  const { log, lines, broken } = opened({ isInfoWanted: false });
  assert.equal(log.wants('/', 200), false);
  log.exchange(whole);
  log.exchange({ ...whole, status: 503 });
  log.exchange({ ...whole, fault: new Fault('internal', 'x') });
  assert.deepEqual([lines.length, broken.length], [0, 1]);
});
