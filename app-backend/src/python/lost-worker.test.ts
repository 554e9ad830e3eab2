import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deathOf, type LostRequest, mayAskAnother } from './lost-worker.ts';

const fresh: LostRequest = {
  ...{ method: 'POST', isTaken: false, hasBegun: false, isReplayable: true, hasLostWorker: false },
};

const rows: readonly [what: string, differences: Partial<LostRequest>, may: boolean][] = [
  ['a POST that was not taken up', {}, true],
  ['a POST that was taken up', { isTaken: true }, false],
  ['a GET that was taken up', { method: 'GET', isTaken: true }, true],
  ['a HEAD that was taken up', { method: 'HEAD', isTaken: true }, true],
  ['a GET whose answer has begun', { method: 'GET', isTaken: true, hasBegun: true }, false],
  ['a GET whose body is gone', { method: 'GET', isReplayable: false }, false],
  ['a GET that lost a worker before', { method: 'GET', hasLostWorker: true }, false],
];

for (const [what, differences, may] of rows) {
  test(`${what} is ${may ? '' : 'not '}given to another worker`, () => {
    assert.equal(mayAskAnother({ ...fresh, ...differences }), may);
  });
}

const deaths: readonly [what: string, ended: () => Promise<string | undefined>, name: string][] = [
  ['how it ended, where that is known', async () => 'SIGKILL', 'worker-died:SIGKILL'],
  ['no more than that it died, where nobody knows', async () => undefined, 'worker-died'],
  ['no more, where asking failed', () => Promise.reject(new Error('no')), 'worker-died'],
  ['no more, where the answer does not come soon', () => new Promise(() => undefined), 'worker-died'],
];

for (const [what, ended, name] of deaths) {
  test(`the fault of a worker that died says ${what}`, { timeout: 5000 }, async () => {
    const fault = await deathOf(3, ended());
    assert.equal(fault.reason, 'worker-died');
    assert.equal(fault.message, `${name}: worker 3 ended in the midst of the request`);
  });
}
