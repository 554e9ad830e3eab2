import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { longName } from './option.ts';
import { ofLog, ofProcess, umaskOf } from './process-options.ts';

const at = { pid: 7, cwd: '/home/me', env: {} };
const translate = (name: string, value: string) =>
  [...ofLog, ...ofProcess].find((option) => longName(option) === name)?.translate([value], at);

describe('a mask of file modes', () => {
  for (const [text, mask] of [
    ['0', 0],
    ['00', 0],
    ['0777', 0o777],
    ['511', 0o777],
    ['0X1fF', 0o777],
    ['0O27', 0o27],
  ] as const) {
    test(`${text} is ${mask}`, () => assert.equal(umaskOf(['1', text]), mask));
  }

  for (const text of ['', '-1', '0o8', '089', '512', '01000', '0x200', '1.0', 'x', '1e1']) {
    test(`${JSON.stringify(text)} is none`, () => {
      assert.throws(() => umaskOf([text]), {
        message: `${JSON.stringify(text)} is not a mask of file modes such as 0o22`,
      });
    });
  }

  test('is judged where it is given, and no setting of the tier', () => {
    assert.deepEqual(translate('--umask', '022'), {});
    assert.throws(() => translate('--umask', '888'), /is not a mask/);
  });
});

describe('the log', () => {
  for (const [level, ours] of [
    ['critical', 'error'],
    ['Debug', 'debug'],
    ['ERROR', 'error'],
    ['warning', 'warn'],
  ] as const) {
    test(`has the level ${ours} for ${level}`, () => {
      assert.deepEqual(translate('--log-level', level), { LOG_LEVEL: ours });
    });
  }

  for (const level of ['warn', 'constructor', '']) {
    test(`has no level ${JSON.stringify(level)}`, () => {
      assert.throws(() => translate('--log-level', level), /is not one of debug, info, warning, error, critical$/);
    });
  }
});
