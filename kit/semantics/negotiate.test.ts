import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { acceptsCoding, bestCoding, prefers } from './negotiate.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
describe('acceptsCoding', () => {
  const table: [field: string | undefined, coding: string, weight: number][] = [
    [undefined, 'gzip', 0],
    [undefined, 'br', 0],
    [undefined, 'identity', 1],
    ['', 'gzip', 0],
    ['', 'identity', 1],
    ['gzip', 'gzip', 1],
    ['gzip', 'br', 0],
    ['gzip', 'identity', 1],
    ['gzip;q=0', 'gzip', 0],
    ['gzip;q=0.000', 'gzip', 0],
    ['gzip;q=0.123', 'gzip', 0.123],
    ['gzip;q=1.000', 'gzip', 1],
    ['gzip;q=0.', 'gzip', 0],
    ['gzip ; Q=0.5', 'gzip', 0.5],
    ['*', 'br', 1],
    ['*;q=0.3', 'br', 0.3],
    ['*;q=0.3', 'identity', 0.3],
    ['br;q=0.5, *;q=0', 'br', 0.5],
    ['br;q=0.5, *;q=0', 'gzip', 0],
    ['br;q=0.5, *;q=0', 'identity', 0],
    ['*;q=0, identity;q=0.1', 'identity', 0.1],
    ['identity;q=0', 'identity', 0],
    ['identity;q=0', 'gzip', 0],
    ['x-gzip', 'gzip', 1],
    ['gzip', 'x-gzip', 1],
    ['x-compress;q=0.2', 'compress', 0.2],
    ['GZIP', 'gzip', 1],
    ['gzip', 'GZIP', 1],
    ['gzip;q=0, gzip', 'gzip', 0],
  ];
  for (const [field, coding, weight] of table) {
    test(`${JSON.stringify(field)} takes ${coding} at ${weight}`, () =>
      assert.equal(acceptsCoding(field, coding), weight));
  }

  for (const q of ['', 'x', '1.5', '2', '-1', '1.001', '0.1234', '.5', '1e0', 'NaN', 'Infinity', '0x1', '1 0', '٠']) {
    test(`a member with q=${q} is dropped`, () => {
      assert.equal(acceptsCoding(`gzip;q=${q}`, 'gzip'), 0);
      assert.equal(acceptsCoding(`gzip;q=${q}, *;q=0.5`, 'gzip'), 0.5);
    });
  }
});

describe('bestCoding', () => {
  const table: [field: string | undefined, available: string[], best: string | undefined][] = [
    [undefined, ['br', 'gzip'], undefined],
    ['', ['br', 'gzip'], undefined],
    ['gzip, deflate, br', ['br', 'gzip'], 'br'],
    ['gzip, deflate, br', ['gzip', 'br'], 'gzip'],
    ['gzip, br;q=0.9', ['br', 'gzip'], 'gzip'],
    ['gzip', ['br'], undefined],
    ['gzip', [], undefined],
    ['*', ['br', 'gzip'], 'br'],
    ['*;q=0', ['br', 'gzip'], undefined],
    ['br;q=0, *', ['br', 'gzip'], 'gzip'],
    ['gzip;q=0.1', ['gzip'], 'gzip'],
    ['gzip;q=0.5, identity', ['gzip'], undefined],
    ['gzip;q=0.5, identity;q=0.5', ['gzip'], 'gzip'],
    ['gzip;q=0.5, identity;q=0.2', ['gzip'], 'gzip'],
    ['identity', ['gzip'], undefined],
    ['identity;q=0', ['gzip'], undefined],
    ['x-gzip', ['gzip'], 'gzip'],
  ];
  for (const [field, available, best] of table) {
    test(`${JSON.stringify(field)} among ${available.join(' ') || 'none'}: ${best ?? 'identity'}`, () => {
      assert.equal(bestCoding(field, available), best);
    });
  }
});

describe('prefers', () => {
  const html = 'text/html';
  const json = 'application/json';
  const utf8 = 'text/html; charset=utf-8';
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
  const table: [accept: string | undefined, offered: string[], best: string][] = [
    [undefined, [html, json], html],
    ['', [html, json], html],
    ['*/*', [html, json], html],
    [browser, [json, html], html],
    ['application/json', [html, json], json],
    ['APPLICATION/JSON', [html, json], json],
    ['application/json, text/html', [html, json], html],
    ['application/json, text/html;q=0.9', [html, json], json],
    ['application/*', [html, json], json],
    ['text/*;q=0.5, application/json;q=0.4', [html, json], html],
    ['*/*;q=0.1, application/json', [html, json], json],
    ['text/html;q=0, */*', [html, json], json],
    ['text/html;q=0', [html, json], html],
    ['image/png', [html, json], html],
    ['application/json;q=2', [html, json], html],
    ['text/html;level=1', [html, json], html],
    ['text/html;level=1, application/json;q=0.1', [html, json], json],
    ['text/html;charset=UTF-8, application/json;q=0.9', [json, utf8], utf8],
    ['text/html', [json, utf8], utf8],
    ['text/html;q=0.9, text/html;charset=utf-8;q=0.2, application/json;q=0.5', [utf8, json], json],
    ['*', [json, html], json],
    ['te/*', [json, html], json],
    ['text/*;q=0.2, text/html;q=0.9, application/json;q=0.5', [json, html], html],
    ['text/html;q=0.9, text/*;q=0.2, application/json;q=0.5', [json, html], html],
    ['*/*', [], ''],
  ];
  for (const [accept, offered, best] of table) {
    test(`${JSON.stringify(accept)} among ${offered.join(' | ') || 'none'}: ${best || 'none'}`, () => {
      assert.equal(prefers(accept, offered), best);
    });
  }
});

test('no string makes negotiation throw, and weights stay within 0 and 1', () => {
  const words = fc.constantFrom(
    'gzip',
    'br',
    'identity',
    '*',
    '*/*',
    'text/html',
    ';q=',
    '0.5',
    '0',
    ',',
    ' ',
    '"',
    ';',
  );
  const likely = fc.array(words, { maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(likely, fc.string({ unit: character })), (text) => {
      const weight = acceptsCoding(text, 'gzip');
      assert.ok(weight >= 0 && weight <= 1);
      const best = bestCoding(text, ['br', 'gzip']);
      assert.ok(best === undefined || acceptsCoding(text, best) > 0);
      assert.ok(['text/html', 'application/json'].includes(prefers(text, ['text/html', 'application/json'])));
    }),
    { numRuns: 300 },
  );
});
