/** Runs the Python worker's own tests (unittest, beside this file) and reports each of them by its name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = import.meta.dirname;
const modules = readdirSync(folder)
  .filter((name) => /^test_\w+\.py$/.test(name))
  .map((name) => name.slice(0, -3));
const ATTEMPT = 'import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)';

/** The first Python of at least 3.9, if there is one. */
function findPython(): string | undefined {
  const candidates = [process.env.APP_PYTHON, 'python3', '/usr/bin/python3'];
  return candidates.find((each) => each !== undefined && each !== '' && spawnSync(each, ['-c', ATTEMPT]).status === 0);
}

type Outcome = { readonly name: string; readonly result: string };

/** The lines `name (module.Class.name) ... ok` of `unittest -v`; what a test prints may stand before the result. */
function outcomesOf(report: string): Outcome[] {
  const found: Outcome[] = [];
  const pattern = /^(test_\w+) \(([\w.]+)\)[^\n]*? \.\.\. ([\s\S]*?)\b(ok|FAIL|ERROR|skipped '[^\n]*')$/gm;
  for (const [, name = '', place = '', , result = ''] of report.matchAll(pattern)) {
    const subject =
      place
        .split('.')
        .filter((part) => part !== name)
        .at(-1) ?? place;
    found.push({ name: `${subject}: ${name.slice('test_'.length).replaceAll('_', ' ')}`, result });
  }
  return found;
}

const python = findPython();
if (python === undefined) {
  const reason = 'there is no Python of at least 3.9 here';
  test('the Python worker keeps to PEP 3333', { skip: process.env.REQUIRE_PEERS === '1' ? false : reason }, () =>
    assert.fail(reason),
  );
} else {
  test('the Python worker keeps to PEP 3333', { timeout: 180_000 }, async (suite) => {
    const args = ['-W', 'ignore', '-m', 'unittest', '-v', ...modules];
    const { stderr: report, status } = spawnSync(python, args, { cwd: folder, encoding: 'utf8', timeout: 170_000 });
    const outcomes = outcomesOf(report);
    for (const { name, result } of outcomes)
      await suite.test(name, { skip: result.startsWith('skipped') && result }, () =>
        assert.equal(result, 'ok', report),
      );
    const ran = Number(/^Ran (\d+) tests? in /m.exec(report)?.[1]);
    assert.equal(outcomes.length, ran, `not every test was reported:\n${report}`);
    assert.equal(status, 0, report);
  });
}
