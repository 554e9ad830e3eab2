/** `npm run conformance`: the public suite against a running edge. 1 when the answers are not those that are listed. */
import { byGroup, byKind, reasons } from './document.ts';
import { deviationsOf, everywhere, type Profile, profiles } from './expected.ts';
import { disagreements } from './judge.ts';
import { openOrigin } from './origin.ts';
import { runSuite } from './run.ts';
import { groupsOfSuite, type Results } from './suite.ts';

async function ask(): Promise<ReadonlyMap<Profile, Results>> {
  await using origin = await openOrigin();
  // Together: each spends nearly all of its time on waiting for something to become stale.
  const runs = profiles.map(async (profile): Promise<[Profile, Results]> => {
    return [profile, await runSuite(origin.url, profile.settings)];
  });
  return new Map(await Promise.all(runs));
}

const groups = await groupsOfSuite();
const found = await ask();
const resultsOf = (profile: Profile) => (id: string) => found.get(profile)?.[id];
const wrong = profiles.flatMap((profile) => {
  const said = disagreements(groups, deviationsOf(profile), found.get(profile) ?? {});
  return said.map((one) => `not as listed, ${profile.name}: ${one}`);
});
const parts = [reasons(groups, everywhere), byGroup(groups, resultsOf), byKind(groups, resultsOf), wrong];
console.log(parts.map((lines) => lines.join('\n')).join('\n\n'));
if (wrong.length === 0) console.log('Every answer is as e2e/conformance/expected.ts lists it.');
process.exitCode = wrong.length === 0 ? 0 : 1;
