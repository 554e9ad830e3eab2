import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNot } from './why-not.ts';

const [container, parent, manager] = [/container/, /start it again/, /service manager/];

for (const [what, standing, why] of [
  ['is the first process of a container', { pid: 1 }, container],
  ['is that, and was started by a launcher outside', { pid: 1, hasParent: true }, container],
  ['is that, and of a unit', { pid: 1, managedPid: '1' }, container],
  ['was started by a launcher', { hasParent: true }, parent],
  ['was started by a launcher that is of a unit', { hasParent: true, managedPid: '6' }, parent],
  ['is the main process of a unit', { managedPid: '7' }, manager],
  ['stands alone', {}, undefined],
  ['is not the process of the unit', { managedPid: '8' }, undefined],
  ['has a longer number than that of the unit', { pid: 77, managedPid: '7' }, undefined],
  ['is of no unit', { managedPid: '' }, undefined],
] as const) {
  test(`a process ${why === undefined ? 'can' : 'cannot'} hand over when it ${what}`, () => {
    const found = whyNot({ pid: 7, hasParent: false, managedPid: undefined, ...standing });
    if (why === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', why);
  });
}
