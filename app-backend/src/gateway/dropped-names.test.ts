import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingLog } from '../testing/serving.ts';
import { DroppedNames } from './dropped-names.ts';

test('each name that is left out is logged once, whichever request brings it', () => {
  const { log, lines } = recordingLog();
  const dropped = new DroppedNames(log);
  dropped.note(['x_a', 'x_b']);
  dropped.note(['x_a']);
  dropped.note([]);
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['x_a', 'x_b'].map((name) => `the field ${name} was left out of the environ: its name has an underscore`),
  );
});

test('clients cannot fill the log: behind a hundred names nothing is said, and nothing kept', () => {
  const { log, lines } = recordingLog();
  const dropped = new DroppedNames(log);
  for (let i = 0; i < 100; i += 1) dropped.note([`x_${i}`]);
  assert.equal(lines.length, 100);
  dropped.note(['x_100', 'x_100', 'x_5']);
  assert.equal(lines.length, 100);
});
