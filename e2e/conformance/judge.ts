import type { Deviation } from './expected.ts';
import type { Group, Kind, Result, Test } from './suite.ts';

/**
 * `dependency`: a test that it depends on was not passed, so that its own result means nothing; `setup`: the answer to
 * its first requests was already another than it needs. The suite counts neither for nor against the cache.
 */
export type Outcome = 'pass' | 'fail' | 'setup' | 'dependency';

/** What a result counts as, dependencies honoured; as the suite's own `determineTestResult`. */
export function outcomes(groups: readonly Group[], results: (id: string) => Result | undefined): Map<string, Outcome> {
  const tests = new Map(groups.flatMap((group) => group.tests.map((test) => [test.id, test])));
  const judged = new Map<string, Outcome>();
  const judge = (test: Test): Outcome => {
    const known = judged.get(test.id);
    if (known !== undefined) return known;
    const needed = (test.depends_on ?? []).map((id) => tests.get(id));
    const isMeaningful = needed.every((one) => one !== undefined && judge(one) === 'pass');
    const outcome = isMeaningful ? own(results(test.id)) : 'dependency';
    judged.set(test.id, outcome);
    return outcome;
  };
  for (const test of tests.values()) judge(test);
  return judged;
}

function own(result: Result | undefined): Outcome {
  if (result === true) return 'pass';
  return result?.[0] === 'Setup' ? 'setup' : 'fail';
}

/** How many were passed, of how many. */
export type Score = { readonly passed: number; readonly of: number };

/** The score of the tests of one kind. */
export function score(tests: readonly Test[], kind: Kind, judged: ReadonlyMap<string, Outcome>): Score {
  const asked = tests.filter((test) => kindOf(test) === kind);
  return { passed: asked.filter(({ id }) => judged.get(id) === 'pass').length, of: asked.length };
}

export function kindOf({ kind }: Test): Kind {
  return kind ?? 'required';
}

/** The results that a list of deviations foretells. */
export function foretold(deviations: readonly Deviation[]): (id: string) => Result {
  const listed = new Map(deviations.flatMap((one) => one.tests.map((id): [string, Deviation] => [id, one])));
  return (id) => {
    const deviation = listed.get(id);
    if (deviation === undefined) return true;
    return [deviation.isSetup ? 'Setup' : 'Assertion', deviation.why];
  };
}

/** Where results and list disagree, one sentence each; and what the list names twice, or names and the suite has not. */
export function disagreements(
  groups: readonly Group[],
  deviations: readonly Deviation[],
  results: Readonly<Record<string, Result>>,
): string[] {
  const ids = groups.flatMap(({ tests }) => tests.map(({ id }) => id));
  const expected = foretold(deviations);
  return [...misnamed(ids, deviations), ...ids.flatMap((id) => disagreement(id, expected(id), results[id]))];
}

function disagreement(id: string, expected: Result, result: Result | undefined): string[] {
  if (result === undefined) return [`${id} was not run`];
  if (own(result) === own(expected)) return [];
  if (result === true) return [`${id} is listed, and passes`];
  const what = `${result[0]}: ${result[1]}`;
  return [expected === true ? `${id} is not listed, and fails (${what})` : `${id} fails in another way (${what})`];
}

function misnamed(ids: readonly string[], deviations: readonly Deviation[]): string[] {
  const names = deviations.flatMap(({ tests }) => tests);
  return [
    ...names.filter((id) => !ids.includes(id)).map((id) => `${id} is listed, and the suite has no such test`),
    ...names.filter((id, at) => names.indexOf(id) !== at).map((id) => `${id} is listed twice`),
  ];
}
