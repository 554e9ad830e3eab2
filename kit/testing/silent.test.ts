import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from './silent.ts';

test('the silent log takes no level', () => {
  for (const level of ['trace', 'info', 'error', 'fatal']) assert.equal(silentLog.isLevelEnabled(level), false);
});
