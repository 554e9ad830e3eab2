import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { python, pythonFolder, withPython } from '../../testing/python.ts';
import { checkPython } from './python-version.ts';

test('a Python that is new enough is no problem', withPython, async () => {
  await checkPython(python, process.env);
});

for (const [version, problem] of [
  ['3.9', undefined],
  ['3.14', undefined],
  ['4.0', undefined],
  ['3.8', /is Python 3\.8; 3\.9 is the oldest that can be used/],
  ['2.7', /is Python 2\.7; 3\.9 is the oldest that can be used/],
  ['none', /does not behave as Python does/],
] as const) {
  test(`what says that it is Python ${version}: ${problem ?? 'fine'}`, async () => {
    await using folder = pythonFolder({ python: `#!/bin/sh\necho ${version}\n` });
    const program = join(folder.folder, 'python');
    chmodSync(program, 0o755);
    const checked = checkPython(program, process.env);
    if (problem === undefined) await checked;
    else await assert.rejects(checked, (error) => error instanceof StartProblem && problem.test(error.message));
  });
}

test('what may not be run is told of', async () => {
  await using folder = pythonFolder({ python: '' });
  await assert.rejects(
    checkPython(join(folder.folder, 'python'), process.env),
    /APP_PYTHON: .* may not be run by this user/,
  );
});
