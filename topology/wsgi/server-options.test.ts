import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { longName, type Option } from './option.ts';
import { ofRequests, ofServer } from './server-options.ts';

const at = { pid: 7, cwd: '/home/me', env: {} };

function option(name: string): Option {
  const found = [...ofServer, ...ofRequests].find((one) => longName(one) === name);
  assert.ok(found);
  return found;
}

const translate = (name: string, ...values: string[]) => option(name).translate(values, at);

describe('the options of the server', () => {
  for (const [name, value, variables] of [
    ['--bind', 'unix:@a', { APP_LISTEN: 'unix:@a' }],
    ['--bind', 'fd://3', { LISTEN_PID: '7', LISTEN_FDS: '1' }],
    ['--keep-alive', '0', { APP_KEEPALIVE_REQUESTS: '1' }],
    ['--keep-alive', '00', { APP_KEEPALIVE_REQUESTS: '1' }],
    ['--keep-alive', '1', { APP_IDLE_TIMEOUT: '1s' }],
    ['--timeout', '0', { APP_TIMEOUT: '0s' }],
    ['--worker-class', 'sync', {}],
    ['--limit-request-line', '1', { APP_MAX_TARGET: '1B' }],
    ['--limit-request-fields', '1', { APP_MAX_FIELDS: '1' }],
    ['--forwarded-allow-ips', '*', { APP_TRUSTED_PROXIES: '0.0.0.0/0,::/0,unix' }],
  ] as const) {
    test(`${name} ${value} sets ${JSON.stringify(variables)}`, () => {
      assert.deepEqual(translate(name, value), variables);
    });
  }

  for (const [values, variables] of [
    [['a:1', ':80', 'unix:/run/a,b'], { APP_LISTEN: 'a:1,0.0.0.0:80,unix:/run/a,b' }],
    [['fd://4', 'fd://3'], { LISTEN_PID: '7', LISTEN_FDS: '2' }],
  ] as const) {
    test(`--bind ${values.join(' --bind ')} sets ${JSON.stringify(variables)}`, () => {
      assert.deepEqual(translate('--bind', ...values), variables);
    });
  }

  for (const [name, values, why] of [
    ['--bind', ['fd://0'], /^fd:\/\/0: a socket is taken as fd:\/\/3, where/],
    ['--bind', ['fd://3', 'fd://5'], /^fd:\/\/5: a socket is taken as fd:\/\/3 and the numbers behind it/],
    ['--bind', ['fd://3', 'fd://3'], /^fd:\/\/3: a socket is taken/],
    ['--bind', ['fd://3', 'a:1'], /^where it is given fd:\/\/, all sockets have to be/],
    ['--keep-alive', ['1s'], /^"1s" is not a whole number/],
    ['--worker-class', ['gthreads'], /^there is no "gthreads" here/],
    ['--worker-class', ['xsync'], /^there is no "xsync" here/],
  ] as const) {
    test(`${name} ${values.join(' ')} is refused`, () => {
      assert.throws(() => translate(name, ...values), { message: why });
    });
  }
});
