/** What a policy may consist of. Checked whole before any of it is in force, and before any request meets it. */

import type { Policy } from './define-policy.ts';
import { entriesOf, hook, type Member, membersOf, PolicyProblem, texts, word, yesOrNo } from './member.ts';

const checks: Readonly<Record<keyof Policy, (member: Member) => void>> = {
  receive: hook,
  query: (member) => {
    const { preset, remove, keep, sort } = membersOf(member, ['preset', 'remove', 'keep', 'sort']);
    if (preset) word(preset, 'tracking');
    if (remove) texts(remove);
    if (keep) texts(keep);
    if (sort) yesOrNo(sort);
  },
  cookies: (member) => {
    const { keep, remove } = membersOf(member, ['keep', 'remove']);
    if (keep) texts(keep);
    if (remove) texts(remove);
  },
  key: hook,
  fetch: hook,
  admit: hook,
  deliver: hook,
  synth: hook,
  // Read, with the settings beside it, in `backend-plan.ts`.
  backends: (member) => void entriesOf(member),
};

/** The policy that a file exports. @throws PolicyProblem */
export function policyOf(value: unknown): Policy {
  if (typeof value !== 'object' || value === null) {
    throw new PolicyProblem([], 'exports no policy: export default definePolicy({ … })');
  }
  const members = membersOf({ path: [], value }, Object.keys(checks));
  for (const [name, check] of Object.entries(checks)) {
    const member = members[name];
    if (member !== undefined) check(member);
  }
  return value;
}
