import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrewFailed, crewFailed } from './crew-failed.ts';
import type { WorkerEnd } from './worker-process.ts';

const post = { number: 3, of: 4, admin: '/tmp/x/3.sock' };
const exit = (code: number): WorkerEnd => ({ code, signal: null });
const killed: WorkerEnd = { code: null, signal: 'SIGKILL' };

const asItSays = { problems: ['FRONT_SITE: no', 'FRONT_LISTEN: neither'], code: 78 };

for (const [what, failure, end, problems, code] of [
  ['a worker that says why', asItSays, exit(78), asItSays.problems, 78],
  ['one that says why and then dies otherwise', asItSays, killed, asItSays.problems, 78],
  ['one that says that it was not the settings', { problems: ['x'], code: 1 }, exit(78), ['x'], 1],
  ['one that ends without a word', undefined, exit(78), ['worker 3 ended by exit code 78 before it listened'], 1],
  ['one that ends well, but too early', undefined, exit(0), ['worker 3 ended by exit code 0 before it listened'], 1],
  ['one that is killed', undefined, killed, ['worker 3 ended by SIGKILL before it listened'], 1],
] as const) {
  test(`of ${what} is told ${JSON.stringify(problems)}, and the tier ends with ${code}`, () => {
    const failed = crewFailed({ post, failure }, end);
    assert.deepEqual([failed.problems, failed.code], [problems, code]);
  });
}

test('as an error it says all that is wrong, and what it is', () => {
  const failed = new CrewFailed(['one', 'two'], 78);
  assert.ok(failed instanceof Error);
  assert.deepEqual([failed.message, failed.name], ['one\ntwo', 'CrewFailed']);
});
