import { type Admission, type AdmissionRules, type Advice, admission, type Candidate } from './admission.ts';
import { namesItself } from './invalidation.ts';
import { isExplicit } from './lifetime.ts';

/**
 * May the answer to a POST answer a later GET? Only when it says that it is what the target stands for (`Content-Location`
 * is the target) and for how long. RFC 9110 §9.3.3.
 */
export function postAdmission(
  candidate: Candidate,
  { host, target }: { readonly host: string; readonly target: string },
  { rules, advice }: { readonly rules: AdmissionRules; readonly advice: Advice },
): Admission {
  const { request, response } = candidate;
  if (request.method !== 'POST' || response.status !== 200 || !namesItself(response.fields, { host, target })) {
    return { verdict: 'pass', why: 'method', isEsi: false };
  }
  const verdict = admission({ ...candidate, request: { ...request, method: 'GET' } }, rules, advice);
  return verdict.verdict === 'store' && !isExplicit({ why: verdict.why, ms: 0 })
    ? { verdict: 'pass', why: 'no-freshness', isEsi: false }
    : verdict;
}
