/** Reads the policy file: all that can be wrong with it is found here, before a request meets it. */
import { readFileSync } from 'node:fs';
import { loadUserFile, StartProblem, type UserFile } from '@trivet/kit/process/load-file.ts';
import { type BackendPlan, type BackendSettings, backendPlan } from './backend-plan.ts';
import type { Policy } from './define-policy.ts';
import { PolicyProblem } from './member.ts';
import { policyOf } from './policy-shape.ts';
import { Rules } from './rules.ts';

/** A policy, made ready: what its hooks decide, and where its origins are. */
export type ReadyPolicy = { readonly rules: Rules; readonly plan: BackendPlan };

/** The policy that the file of the settings holds. @throws StartProblem */
export async function loadPolicy(
  settings: BackendSettings & { readonly policy: string },
  base: string,
): Promise<ReadyPolicy> {
  return readPolicy(await loadUserFile(settings.policy, 'default', 'EDGE_POLICY', base), settings);
}

/** What a policy file exports, made ready. @throws StartProblem */
export function readPolicy({ value, files }: UserFile, settings: BackendSettings): ReadyPolicy {
  try {
    return made(value, settings);
  } catch (cause) {
    const member = cause instanceof PolicyProblem ? cause.member : [];
    const message = cause instanceof Error ? cause.message : String(cause);
    const [path = ''] = files.keys();
    throw new StartProblem(`EDGE_POLICY: ${placeOf(member, path)}: ${message}`, { cause, files });
  }
}

/** A policy, checked whole and made ready. @throws PolicyProblem */
export function made(value: unknown, settings: BackendSettings): ReadyPolicy {
  const policy: Policy = policyOf(value);
  return { rules: new Rules(policy), plan: backendPlan(policy.backends, settings) };
}

/** Where in the file a member stands: its names are looked for one behind the other, as far as they are written there. */
function placeOf(member: readonly string[], path: string): string {
  const lines = readFileSync(path, 'utf8').split('\n');
  let line = -1;
  for (const name of member) {
    const next = lines.findIndex((text, at) => at >= Math.max(line, 0) && mentions(text, name));
    if (next < 0) break;
    line = next;
  }
  return line < 0 ? path : `${path}:${line + 1}`;
}

function mentions(text: string, name: string): boolean {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/, '');
  return new RegExp(`(?<![\\w$.])${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w$])\\s*['"]?\\s*[:(,}]`).test(
    code,
  );
}
