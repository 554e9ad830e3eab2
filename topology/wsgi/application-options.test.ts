import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ofApplication, ours } from './application-options.ts';
import { longName } from './option.ts';

function translate(name: string, values: readonly string[], env: Record<string, string> = {}) {
  const option = [...ofApplication, ...ours].find((one) => longName(one) === name);
  return option?.translate(values, { pid: 7, cwd: '/home/me', env });
}

describe('the options of the application', () => {
  for (const [name, values, env, variables] of [
    ['--chdir', ['a', '../b'], {}, { APP_CHDIR: '/home/b' }],
    ['--pythonpath', ['a, /b'], {}, { PYTHONPATH: '/b:/home/me/a' }],
    ['--pythonpath', ['a'], { PYTHONPATH: '/x:/y' }, { PYTHONPATH: '/home/me/a:/x:/y' }],
    ['--pythonpath', ['a'], { PYTHONPATH: '' }, { PYTHONPATH: '/home/me/a' }],
    ['--env', ['A=1', 'B=', 'A=2=\n3'], {}, { A: '2=\n3', B: '' }],
    ['--reload-extra-file', ['a', '/b'], {}, { APP_RELOAD_FILES: '/home/me/a,/b' }],
    ['--admin', [':9'], {}, { APP_ADMIN_LISTEN: '127.0.0.1:9' }],
    ['--admin', ['0.0.0.0:9'], {}, { APP_ADMIN_LISTEN: '0.0.0.0:9' }],
    ['--admin', ['unix:/a'], {}, { APP_ADMIN_LISTEN: 'unix:/a' }],
  ] as const) {
    test(`${name} ${JSON.stringify(values)} sets ${JSON.stringify(variables)}`, () => {
      assert.deepEqual(translate(name, values, env), variables);
    });
  }

  for (const [name, value, why] of [
    ['--env', 'A', /^"A" is not NAME=VALUE$/],
    ['--env', '=a', /^"=a" is not NAME=VALUE$/],
    ['--admin', 'fd://3', /^"fd:\/\/3" is not HOST:PORT or unix:PATH$/],
  ] as const) {
    test(`${name} ${value} is refused`, () => assert.throws(() => translate(name, [value]), { message: why }));
  }
});
