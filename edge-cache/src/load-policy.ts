/** Reads the policy file. What is wrong with it is said before the edge listens. */
import { loadUserFile, StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Policy } from './define-policy.ts';
import { Rules } from './rules.ts';

const members: Readonly<Record<string, 'function' | 'object'>> = {
  receive: 'function',
  query: 'object',
  cookies: 'object',
  key: 'function',
  fetch: 'function',
  admit: 'function',
  deliver: 'function',
  synth: 'function',
};

/** The rules of the policy file at `path`, relative to `base`. @throws StartProblem */
export async function loadPolicy(path: string, base: string): Promise<Rules> {
  const { value } = await loadUserFile(path, 'default', 'EDGE_POLICY', base);
  const problem = problemOf(value);
  if (problem !== undefined) throw new StartProblem(`EDGE_POLICY: ${path} ${problem}`);
  return rulesOf(path, value as Policy);
}

function rulesOf(path: string, policy: Policy): Rules {
  try {
    return new Rules(policy);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StartProblem(`EDGE_POLICY: ${path}: ${message}`, { cause });
  }
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'exports no policy: export default definePolicy({ … })';
  const problems = Object.entries(value).map(([name, member]) => {
    if (!Object.hasOwn(members, name))
      return `has ${JSON.stringify(name)}; there is only ${Object.keys(members).join(', ')}`;
    return member === undefined || typeof member === members[name] ? undefined : `: ${name} is no ${members[name]}`;
  });
  return problems.find((problem) => problem !== undefined);
}
