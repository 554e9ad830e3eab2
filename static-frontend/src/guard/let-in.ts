/** The step that lets a request in by its route, or says why not: from where, how often, with which words, by whose leave. */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Front } from '../front.ts';
import type { Stay } from '../limits/limits.ts';
import { affinityOf } from '../proxy/affinity.ts';
import type { AuthRequestOptions } from '../site/guard-options.ts';
import { askUpstream } from './auth-request.ts';
import { askForPassword } from './basic-auth.ts';
import type { Guard } from './guards.ts';
import type { Stage } from './stage.ts';
import type { Vouched } from './vouched.ts';

export type Admission =
  /** `vouched` goes to the app with the request. */
  | { readonly verdict: 'in'; readonly vouched: Vouched | undefined }
  /** The client is gone; there is nobody to answer. */
  | { readonly verdict: 'left' };

const left: Admission = { verdict: 'left' };

const complaints = {
  'rate-limited': 'you ask too often; try again later',
  'too-many-at-once': 'too much that you asked for is still under way; try again when it is over',
} as const;

/** Asks the cheapest first. @throws Fault with the status and fields of a refusal. */
export async function letIn(front: Pick<Front, 'upstreams' | 'site'>, stage: Stage, guard: Guard): Promise<Admission> {
  const { inbound } = stage;
  if (stage.hasLeft()) return left;

  // 1. From where it comes.
  if (guard.access?.(inbound.client) === false) {
    throw new Fault('access-denied', 'your address may not come in here');
  }

  // 2. How often, and how many at once.
  if (guard.limits !== undefined) {
    const stay = comeIn(guard.limits, stage);
    if (stay.waitMs > 0 && !(await hasWaited(stay, stage))) return left;
  }

  // 3. With which words.
  if (guard.basicAuth !== undefined) await askForPassword(guard.basicAuth, inbound.fields);

  // 4. By whose leave.
  const vouched = await leave(front, stage, guard.authRequest);
  return stage.hasLeft() ? left : { verdict: 'in', vouched };
}

async function leave(
  { upstreams, site }: Pick<Front, 'upstreams' | 'site'>,
  stage: Stage,
  options: AuthRequestOptions | undefined,
): Promise<Vouched | undefined> {
  if (options === undefined) return undefined;
  const upstream = upstreams.get(options.proxy);
  if (upstream === undefined) throw new Fault('internal', `there is no upstream ${options.proxy}`);
  return await askUpstream(upstream, options, stage, affinityOf(site, options.proxy, stage.inbound));
}

function comeIn({ names, all }: NonNullable<Guard['limits']>, stage: Stage): Stay {
  const asked = all.ask(names, stage.inbound);
  if (asked.verdict === 'refuse') {
    const { why, name, retryAfterMs } = asked;
    stage.note(`limit ${name}`);
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    throw new Fault(why, complaints[why], { retryAfterSeconds });
  }
  const { stay, dry } = asked;
  stage.until.once('close', () => stay.leave());
  if (dry.length > 0) stage.note(dry.map(({ name, why }) => `limit ${name}, dry run: ${why}`).join('; '));
  return stay;
}

// Who leaves while he waits leaves his turn to others.
function hasWaited(stay: Stay, stage: Stage): Promise<boolean> {
  const { until } = stage;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    until.off('close', onClose);
    resolve(true);
  }, stay.waitMs);
  function onClose(): void {
    clearTimeout(timer);
    stay.abandon();
    resolve(false);
  }
  until.once('close', onClose);
  stage.leaveAtEnd();
  return promise;
}
