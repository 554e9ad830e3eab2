/** `docs/conformance.md`, made from the suite and from what is expected of the edge: `npm run docs` writes it. */
import { writeFile } from 'node:fs/promises';
import { type Deviation, deviationsOf, everywhere, type Profile, profiles } from './expected.ts';
import { foretold, kindOf, type Outcome, outcomes, type Score, score } from './judge.ts';
import { knownPeers } from './peers.ts';
import { type Group, groupsOfSuite, type Kind, type Peer, peersOfSuite, type Result, type Test } from './suite.ts';

const path = new URL('../../docs/conformance.md', import.meta.url);

const intro = `# Conformance

What the edge cache does of the public suite [http-cache-tests](https://cache-tests.fyi/) 0.4.5. \`npm run conformance\` asks
it of a running edge, with the suite's own client and origin server, and fails where the answers are not those of this page;
so does \`npm run e2e\`. The page is made from the suite and from \`e2e/conformance/expected.ts\` by \`npm run docs\`.

*Required* is what the RFCs require, *optimal* what a good cache does, a *check* only notes how a cache behaves: there is no
right answer. A test that depends on another one that is not passed counts as not passed.
`;

const laterIntro = `
The figures of 0.4.5 are computed from the result files that its package ships, by the same rules as ours; 29 of its tests
had not been asked of Traffic Server.

The columns on the right are of the suite's later version (in git; it has \`CDN-Cache-Control\` and interim responses, asks
for RFC 9111's reading of \`Age\` and \`Expires\`, and is not in the npm registry). *Published* are the results of its commit
b55b8bd of 2026-07-20 for the version named, \`passed/of\` of the tests that gave a verdict: nginx with \`proxy_cache\` and
\`proxy_cache_revalidate\` only, Squid and Traffic Server with the suite's own configurations, Varnish with one that is not
published. *Required of 160* was measured when the goals of this project were set, dependencies honoured; the versions are
not recorded. So not everything that is missing here is missing in the product. What that version asks for beyond 0.4.5,
the edge is asked in \`edge-cache/src/machine/later-suite.test.ts\`.
`;

/** The whole document. */
export async function conformanceDocument(): Promise<string> {
  const groups = await groupsOfSuite();
  const peers = await peersOfSuite(knownPeers.map(({ file }) => file));
  return [
    intro,
    '## By kind\n',
    ...byKind(groups),
    '\n## By group\n',
    ...byGroup(groups),
    '\n## What is not passed, and why\n',
    ...reasons(groups, everywhere),
    ...profiles.flatMap((profile) => difference(groups, profile)),
    '\n## Others\n',
    ...others(groups, peers),
    laterIntro,
  ].join('\n');
}

type ResultsOf = (profile: Profile) => (id: string) => Result | undefined;

const listed: ResultsOf = (profile) => foretold(deviationsOf(profile));

/** The lines of the table of all ways of setting up; the results are what is expected unless others are given. */
export function byKind(groups: readonly Group[], resultsOf: ResultsOf = listed): string[] {
  const tests = groups.flatMap((group) => group.tests);
  const rows = profiles.map((profile) => {
    const judged = outcomes(groups, resultsOf(profile));
    return [profile.name, `${profile.about}${settingsOf(profile)}`, ...scores(tests, judged)];
  });
  return table(['set up', 'that is', 'required', 'optimal', 'checks answered yes'], rows);
}

/** The lines of the table of the suite's groups, for the first way of setting up. */
export function byGroup(groups: readonly Group[], resultsOf: ResultsOf = listed): string[] {
  const [first] = profiles;
  const judged = outcomes(groups, resultsOf(first));
  const rows = groups.map(({ name, tests }) => [name, ...scores(tests, judged)]);
  return table([`group (${first.name})`, 'required', 'optimal', 'checks answered yes'], rows);
}

/** Each reason with its tests. */
export function reasons(groups: readonly Group[], deviations: readonly Deviation[]): string[] {
  const kinds = new Map(groups.flatMap(({ tests }) => tests.map((test): [string, Kind] => [test.id, kindOf(test)])));
  const rows = deviations.map(({ why, tests }) => {
    const [kind = ''] = new Set(tests.map((id) => kinds.get(id) ?? ''));
    return [kind, tests.map((id) => `\`${id}\``).join(' '), why];
  });
  return table(['kind', 'tests', 'why'], rows);
}

function difference(groups: readonly Group[], profile: Profile): string[] {
  if (profile.deviations.length === 0) return [];
  const passes = profile.passes.map((id) => `\`${id}\``).join(' ');
  return [
    `\nBeyond these, set up as *${profile.name}* (${profile.about}):\n`,
    ...reasons(groups, profile.deviations),
    ...(passes === '' ? [] : [`\nIt passes ${passes}.`]),
  ];
}

function others(groups: readonly Group[], peers: readonly Peer[]): string[] {
  const tests = groups.flatMap((group) => group.tests);
  const [first] = profiles;
  const own = outcomes(groups, listed(first));
  const rows = knownPeers.map(({ name, file, later }) => {
    const peer = peers.find((one) => one.file === file);
    const judged = outcomes(groups, (id) => peer?.results[id]);
    const measured = String(later?.measured ?? '');
    const { required = '', optimal = '' } = later?.published ?? {};
    return [
      name,
      peer?.version ?? '',
      ...scores(tests, judged),
      later?.published?.version ?? '',
      required,
      optimal,
      measured,
    ];
  });
  const heads = ['', 'version', 'required', 'optimal', 'checks answered yes'];
  const laterHeads = ['later version', 'required, published', 'optimal, published', 'required of 160'];
  return table([...heads, ...laterHeads], [['**Trivet**', '', ...scores(tests, own), '', '', '', ''], ...rows]);
}

function scores(tests: readonly Test[], judged: ReadonlyMap<string, Outcome>): string[] {
  const shown = ({ passed, of }: Score) => (of === 0 ? '' : `${passed}/${of}`);
  return (['required', 'optimal', 'check'] as const).map((kind) => shown(score(tests, kind, judged)));
}

function settingsOf({ settings }: Profile): string {
  const pairs = Object.entries(settings).map(([name, value]) => `\`${name}=${value}\``);
  return pairs.length === 0 ? '' : ` (${pairs.join(' ')})`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)];
}

if (import.meta.main) await writeFile(path, await conformanceDocument());
