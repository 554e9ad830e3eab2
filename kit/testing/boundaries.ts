// Who may import whom, and which folders may not look at the world. The check is pure: it is given the text of files.

/** A file by its path from the root of the repository, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

const runtimeKit = ['kit/semantics', 'kit/process', 'kit/http1', 'kit/upstream', 'kit/files'];
const tiers = ['edge-cache', 'static-frontend', 'app-backend'];

/**
 * Which folder may import which, besides itself; the longest name that a path begins with counts. What is not listed is
 * forbidden. Tests, contracts and `testing` folders may also import all of their workspace and all of kit.
 */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  'kit/semantics': [],
  'kit/process': ['kit/semantics'],
  'kit/http1': ['kit/semantics', 'kit/process'],
  'kit/upstream': ['kit/semantics', 'kit/process', 'kit/http1'],
  'kit/files': ['kit/semantics', 'kit/process'],
  'kit/testing': ['kit'],
  ...Object.fromEntries(tiers.flatMap(rowsOfTier)),
  'edge-cache/src/store': ['edge-cache/src/policy', ...runtimeKit],
  topology: [...tiers, ...runtimeKit],
  e2e: ['topology', ...tiers, 'kit'],
  bench: ['topology', ...tiers, 'kit'],
  docs: [...tiers, 'topology/wsgi', 'kit'],
  // What is compressed is what the front looks for.
  site: ['kit/files', 'static-frontend/src/testing'],
};

// main builds things, src is what it builds with, policy is what src asks.
function rowsOfTier(tier: string): [string, readonly string[]][] {
  return [
    [tier, runtimeKit],
    [`${tier}/src`, [`${tier}/settings.ts`, ...runtimeKit]],
    [`${tier}/src/policy`, ['kit/semantics']],
  ];
}

/** Packages that decisions may use; they do nothing but compute. */
const purePackages: ReadonlySet<string> = new Set(['structured-headers', 'node:buffer']);
const testPackages: ReadonlySet<string> = new Set(['node:test', 'fast-check', 'testcontainers']);

const worldly: readonly RegExp[] = [
  /\bprocess\.\w+/,
  /\bDate\.now\b/,
  /\bDate\(\s*\)/,
  /\bperformance\.\w+/,
  /\bMath\.random\b/,
  /\bcrypto\.\w+/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bfetch\(/,
  /\bconsole\.\w+/,
];

/** The few files that read the environment: where a process starts, and what starts processes. */
const readsEnvironment: readonly RegExp[] = [
  /(?:^|\/)main\.ts$/,
  /^kit\/process\/(?:tier|tune|hand-over\/hand-over)\.ts$/,
  /^(?:topology|e2e|bench)\//,
];

/** Every line that the rules above forbid, as a sentence. */
export function breaches(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [...forbiddenImports(source), ...forbiddenWords(source)]);
}

function forbiddenImports({ path, text }: Source): string[] {
  const area = areaOf(path);
  if (area === undefined) return [`${path} is in a folder that has no row in the table of boundaries`];
  return importsOf(path, text)
    .filter((target) => !mayImport(path, area, target))
    .map((target) => `${path} may not import ${target.name}`);
}

function forbiddenWords({ path, text }: Source): string[] {
  const found = isPure(path) ? worldly.flatMap((word) => word.exec(text)?.[0] ?? []) : [];
  const readsIt = /\bprocess\.env\b/.test(text) && !isPure(path) && !isTestCode(path);
  if (readsIt && !readsEnvironment.some((place) => place.test(path))) found.push('process.env');
  return found.map((word) => `${path} may not use ${word}`);
}

type Target = { readonly kind: 'file' | 'package'; readonly name: string };

/** What a file imports, by path from the root where it is ours. */
export function importsOf(path: string, text: string): Target[] {
  const statement = /^\s*(?:import|export)\s(?:[\w$*{},\s]+?\sfrom\s)?\s*'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'/gm;
  return Array.from(text.matchAll(statement), ([, fixed, dynamic]) => located(path, fixed ?? dynamic ?? ''));
}

function located(path: string, specifier: string): Target {
  if (specifier.startsWith('@trivet/')) return { kind: 'file', name: specifier.slice('@trivet/'.length) };
  if (!specifier.startsWith('.')) return { kind: 'package', name: specifier };
  return { kind: 'file', name: new URL(specifier, `file:///${path}`).pathname.slice(1) };
}

function mayImport(path: string, area: string, target: Target): boolean {
  const isTest = isTestCode(path);
  if (target.kind === 'package') return isTest || mayUsePackage(path, target.name);
  if (isTestCode(target.name) && !isTest) return false;
  const rows = [area, ...(allowed[area] ?? []), ...(isTest ? [workspaceOf(path), 'kit'] : [])];
  return rows.some((row) => isUnder(target.name, row));
}

function mayUsePackage(path: string, name: string): boolean {
  return isPure(path) ? purePackages.has(name) : !testPackages.has(name);
}

function areaOf(path: string): string | undefined {
  const names = Object.keys(allowed).filter((name) => isUnder(path, name));
  return names.sort((a, b) => b.length - a.length)[0];
}

function isPure(path: string): boolean {
  return !isTestCode(path) && (isUnder(path, 'kit/semantics') || /\/policy\//.test(path));
}

function isTestCode(path: string): boolean {
  return /\.test\.ts$|-contract\.ts$|\/testing\/|^(?:e2e|bench)\//.test(path);
}

function workspaceOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
