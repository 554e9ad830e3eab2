// The app server as it is run: workers in TypeScript whose arbiter was killed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { Server, saying, withinMs } from './src/testing/running-server.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

const hanging = `
function computeForEver(): never {
  for (;;);
}
export function application(environ, startResponse) {
  if (environ.PATH_INFO === '/hang') {
    process.stdout.write('computing\\n');
    computeForEver();
  }
  startResponse('200 OK', []);
  return [Buffer.from('ok')];
}
`;

/** Whatever the test finds, nobody computes for ever. */
function endedInAnyCase(pid: number): Disposable {
  return { [Symbol.dispose]: () => void (isAlive(pid) && process.kill(pid, 'SIGKILL')) };
}

async function killed({ child }: Server): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const patience: readonly (readonly [what: string, timeout: string])[] = [
  ['that may hang for ever', '0s'],
  ['that may hang for long', '10m'],
];

for (const [what, timeout] of patience) {
  test(`a worker ${what} does not outlive its arbiter`, async () => {
    await using server = await Server.start(hanging, { APP_TIMEOUT: timeout, APP_GRACEFUL_TIMEOUT: '1s' });
    const [pid = 0] = await server.pids();
    using _ = endedInAnyCase(pid);
    const answer = rawExchange(server.port, get('/hang'));
    await eventually(() => assert.match(server.out, /^computing$/m), withinMs);
    await killed(server);
    await eventually(() => assert.equal(isAlive(pid), false), withinMs);
    assert.match(await answer, /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
    const line = await server.line('its arbiter is gone');
    assert.match(String(line.msg), /^the event loop has stood still for 1000ms, and its arbiter is gone/);
  });
}

test('nor does one that hangs while it loads the application', async () => {
  const app = "process.stdout.write('pid ' + process.pid + '\\n');\nfor (;;);\n";
  await using server = await Server.begin(app, { APP_GRACEFUL_TIMEOUT: '1s', APP_STARTUP_TIMEOUT: '0s' });
  await eventually(() => assert.match(server.out, /^pid \d+$/m), withinMs);
  const pid = Number(/^pid (\d+)$/m.exec(server.out)?.[1]);
  using _ = endedInAnyCase(pid);
  await killed(server);
  await eventually(() => assert.equal(isAlive(pid), false), withinMs);
});

test('one whose event loop turns answers what it has, longer than one that hangs would live, and ends', async () => {
  await using server = await Server.start(saying('one'), { APP_TIMEOUT: '1s' });
  const [pid = 0] = await server.pids();
  using _ = endedInAnyCase(pid);
  const answer = rawExchange(server.port, get('/?ms=3000'));
  await eventually(async () => assert.equal((await server.stats()).workers[0]?.requests, 1), withinMs);
  await killed(server);
  assert.match(await answer, /^HTTP\/1\.1 200 OK\r\n(?:.|\r\n)*one false$/);
  await eventually(() => assert.equal(isAlive(pid), false), withinMs);
  assert.doesNotMatch(server.out, /its arbiter is gone/);
});
