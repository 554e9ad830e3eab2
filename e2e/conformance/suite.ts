/** The public suite `http-cache-tests` as data: its groups of tests, and the results that it ships of other products. */
import { readFile } from 'node:fs/promises';

/** What a test asks for: what the RFC requires, what a good cache does, or no more than how this one behaves. */
export type Kind = 'required' | 'optimal' | 'check';

export type Test = {
  readonly id: string;
  readonly name: string;
  /** Required where it is not said. */
  readonly kind?: Kind;
  /** Without these it has no meaning. */
  readonly depends_on?: readonly string[];
  /** Only for the cache inside a browser. */
  readonly browser_only?: boolean;
};

export type Group = { readonly id: string; readonly name: string; readonly tests: readonly Test[] };

/** What the suite writes down of a test: passed, or the kind of failure (`Setup`, `Assertion`, …) and its sentence. */
export type Result = true | readonly [kind: string, message: string];
export type Results = Readonly<Record<string, Result>>;

/** Where a file of the suite lies. */
export function fileOf(path: string): string {
  return import.meta.resolve(`http-cache-tests/${path}`);
}

/** Every group that the suite's own command runs against a proxy; without the tests for browsers. */
export async function groupsOfSuite(): Promise<readonly Group[]> {
  const { default: groups }: { default: readonly Group[] } = await import(fileOf('tests/index.mjs'));
  const { default: surrogate }: { default: Group } = await import(fileOf('tests/surrogate-control.mjs'));
  return [...groups, surrogate].map((group) => ({ ...group, tests: group.tests.filter((test) => !test.browser_only) }));
}

export type Peer = { readonly file: string; readonly version: string; readonly results: Results };

/** The products whose results the suite ships, with the version that it names. */
export async function peersOfSuite(files: readonly string[]): Promise<readonly Peer[]> {
  type Row = { readonly file: string; readonly version: string };
  const { default: rows }: { default: readonly Row[] } = await import(fileOf('results/index.mjs'));
  const chosen = files.map((file) => rows.find((row) => row.file === file)).filter((row) => row !== undefined);
  return await Promise.all(
    chosen.map(async ({ file, version }) => {
      const results: Results = JSON.parse(await readFile(new URL(fileOf(`results/${file}`)), 'utf8'));
      return { file, version, results };
    }),
  );
}
