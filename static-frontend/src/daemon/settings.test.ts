import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Environment, load, SettingsProblem } from '@trivet/kit/process/settings.ts';
import { settings } from '../../settings.ts';
import { applicationFile, daemonRules, readDaemonSettings } from './settings.ts';

function problemsIn(env: Environment): readonly string[] {
  try {
    load(settings, env, daemonRules(env));
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsProblem);
    return error.problems;
  }
}

describe('the settings of a front that runs the app', () => {
  test('are those of the app; all that is wrong is said at once', () => {
    const wrong = {
      APP_WORKERS: '0',
      APP_APPLICATION: 'app.ts',
      APP_TIMEOUT: '5',
      FRONT_WORKERS: '4',
      APP_THREADS: '1',
    };
    const problems = problemsIn({ ...wrong, FRONT_UPSTREAM: 'daemon:', FRONT_OPEN_FILES: 'x' });
    assert.equal(problems.length, 5);
    for (const [at, pattern] of [
      /^FRONT_OPEN_FILES: /,
      /^APP_WORKERS: "0" is not a whole number from 1/,
      /^APP_TIMEOUT: /,
      /^APP_APPLICATION: "app.ts" is not FILE:NAME/,
      /^FRONT_DAEMON_SLOTS: 4 workers of the front \(FRONT_WORKERS\) cannot share 1 slot of a process of the app/,
    ].entries()) {
      assert.match(String(problems[at]), pattern);
    }
    assert.deepEqual(problemsIn(wrong), [], 'they do not matter where the app is elsewhere');
  });

  for (const text of ['daemon:,http://127.0.0.1:1', 'http://127.0.0.1:1, daemon:', 'daemon:/run/app']) {
    test(`FRONT_UPSTREAM=${text} is refused`, () => {
      assert.match(String(problemsIn({ FRONT_UPSTREAM: text })), /^FRONT_UPSTREAM: .*"daemon:" is all there is to say/);
    });
  }

  test('have the count of WEB_CONCURRENCY where APP_WORKERS does not say it', () => {
    assert.equal(readDaemonSettings({ WEB_CONCURRENCY: '3' }).count, 3);
    assert.equal(readDaemonSettings({ WEB_CONCURRENCY: '3', APP_WORKERS: '2' }).count, 2);
  });

  for (const [APP_APPLICATION, APP_RUNTIME, file] of [
    ['/srv/a:b/app.ts:application', 'node', '/srv/a:b/app.ts'],
    ['shop.wsgi:application', 'python', 'shop/wsgi.py'],
    ["shop:make('a:b')", 'python', 'shop.py'],
    ['shop.wsgi', 'python', 'shop/wsgi.py'],
  ] as const) {
    test(`${APP_APPLICATION} of ${APP_RUNTIME} begins with ${file}`, () => {
      assert.equal(applicationFile(readDaemonSettings({ APP_APPLICATION, APP_RUNTIME })), file);
    });
  }
});
