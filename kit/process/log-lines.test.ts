import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { combinedLine, parseLine, prettyLine } from './log-lines.ts';

const time = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const exchange = {
  level: 'info',
  time,
  tier: 'static-frontend',
  id: 'abc',
  client: '192.0.2.1',
  method: 'GET',
  target: '/env?a=1',
  host: 'a.example',
  version: '1.1',
  status: 200,
  bytes: 321,
  ms: 3.25,
  outcome: 'done',
  referer: 'http://b.example/',
  userAgent: 'curl/8',
  trail: ['lookup', 'fetch'],
  msg: 'exchange',
};

describe('a line of the log is a record', () => {
  for (const line of ['', 'text', '{"unfinished', '[1]', '"x"', 'null']) {
    test(`${JSON.stringify(line)} is none`, () => assert.equal(parseLine(line), undefined));
  }

  test('a JSON object is one', () => assert.deepEqual(parseLine('{"msg":"x"}\n'), { msg: 'x' }));
});

describe('the pretty format', () => {
  test('shows an exchange by what was asked and what came of it', () => {
    assert.equal(
      prettyLine(exchange),
      '03:04:05.006 info  GET /env?a=1 200 3.25ms id=abc client=192.0.2.1 bytes=321 outcome=done trail=["lookup","fetch"]',
    );
  });

  test('shows any other record by its message, its fields and its error', () => {
    assert.equal(
      prettyLine({ level: 'warn', time, tier: 'edge-cache', msg: 'careful', n: 1, err: { message: 'it broke' } }),
      '03:04:05.006 warn  careful n=1 (it broke)',
    );
  });

  test('shows a record that lacks everything', () => {
    assert.equal(prettyLine({}), '00:00:00.000 info  ');
    assert.equal(prettyLine({ time, err: 'text' }), '03:04:05.006 info  ');
  });

  for (const [name, character] of Object.entries({
    'a line feed': '\n',
    'a carriage return': '\r',
    'an escape': '\x1b',
    'a C1 control': '\x9b',
    'next line': '\x85',
    'a line separator': '\u2028',
    NUL: '\0',
  })) {
    test(`is not broken by ${name}, wherever it stands`, () => {
      const line = prettyLine({ ...exchange, target: `/${character}x`, why: character, msg: 'exchange' });
      assert.ok(!line.includes(character), JSON.stringify(line));
      assert.match(line, /GET \/\?x 200/);
      assert.ok(!prettyLine({ time, msg: `a${character}b`, x: character }).includes(character));
    });
  }
});

describe('the combined format', () => {
  test('is that of Apache and nginx', () => {
    assert.equal(
      combinedLine(exchange),
      '192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "GET /env?a=1 HTTP/1.1" 200 321 "http://b.example/" "curl/8"',
    );
  });

  test('has a dash for what the client did not say', () => {
    const { referer: _referer, userAgent: _userAgent, ...silent } = exchange;
    assert.match(combinedLine(silent), / 200 321 "-" "-"$/);
  });

  test('cannot be broken by what the client says', () => {
    const line = combinedLine({ ...exchange, target: '/"\\', userAgent: 'a"b\\c\n\x1b\x85d', referer: '' });
    assert.match(line, /"GET \/\\x22\\x5c HTTP\/1\.1"/);
    assert.match(line, /"" "a\\x22b\\x5cc\\x0a\\x1b\\x85d"$/);
  });

  test('leaves other records readable', () => {
    assert.equal(combinedLine({ level: 'info', time, msg: 'draining' }), '03:04:05.006 info  draining');
  });
});
