import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { load, SettingsProblem } from './settings.ts';
import { supervisionSettings } from './supervision-settings.ts';

const rows = supervisionSettings('APP');

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(rows, env);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsProblem);
    return error.problems;
  }
}

describe('how workers are looked after', () => {
  test('is as Gunicorn has it where nothing is set, but for the time that loading may take', () => {
    const none = { maxRequests: 0, maxRequestsJitter: 0, maxAge: 0, maxRss: 0, touchFile: '' };
    assert.deepEqual({ ...load(rows, {}) }, { timeout: 30_000, startupTimeout: 60_000, ...none });
  });

  for (const [name, text, key, value] of [
    ['APP_TIMEOUT', '0s', 'timeout', 0],
    ['APP_TIMEOUT', '1s', 'timeout', 1_000],
    ['APP_MAX_RSS', '0', 'maxRss', 0],
    ['APP_MAX_RSS', '0B', 'maxRss', 0],
    ['APP_MAX_RSS', '2KB', 'maxRss', 2_048],
    ['APP_MAX_REQUESTS', '1000000000', 'maxRequests', 1_000_000_000],
    ['APP_MAX_AGE', '1h', 'maxAge', 3_600_000],
  ] as const) {
    test(`${name}=${text} is ${value}`, () => assert.equal(load(rows, { [name]: text })[key], value));
  }

  for (const [name, text, why] of [
    ['APP_TIMEOUT', '999ms', /^APP_TIMEOUT: .*must be 1s or longer, or 0s/],
    ['APP_MAX_RSS', '5', /^APP_MAX_RSS: "5" is not a size/],
    ['APP_MAX_REQUESTS', '1000000001', /^APP_MAX_REQUESTS: "1000000001" is not a whole number from 0 to 1000000000/],
    ['APP_MAX_REQUESTS_JITTER', '-1', /^APP_MAX_REQUESTS_JITTER: /],
  ] as const) {
    test(`${name}=${text} is refused`, () => {
      const problems = problemsOf({ [name]: text });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', why);
    });
  }
});
