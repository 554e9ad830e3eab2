/** What the hooks of a policy return, checked before anything is done with it. */
import { isToken } from '@trivet/kit/semantics/list.ts';
import type { Edit, Page, ReceiveVerdict } from './define-policy.ts';
import type { Reception } from './policy/receive.ts';

/** What `receive` says: a verdict, or none where the built-in rules decide, and what it changes before. */
export type Heard = (Reception | { readonly do?: never }) & { readonly edit?: Edit };

const receptions: ReadonlySet<unknown> = new Set(['lookup', 'pass', 'pipe', 'purge', 'synth']);

/** What `receive` returned. */
export function heard(verdict: ReceiveVerdict | undefined): Heard | undefined {
  if (verdict === undefined || verdict === null) return undefined;
  if (!('set' in verdict || 'remove' in verdict)) return reception(verdict);
  const reached: Heard = verdict.do === undefined ? {} : reception(verdict);
  if (reached.do === 'synth' || reached.do === 'purge') throw new TypeError('nothing is set and removed then');
  return { ...reached, edit: requestEdit(verdict) };
}

function requestEdit({ set = {}, remove = [] }: Edit): Edit {
  const names = [...Object.keys(set), ...remove];
  // It is in the key, and what the origin is asked must be what is in the key.
  if (names.some((name) => name.toLowerCase() === 'host')) throw new TypeError('Host is for fetch to change');
  return edit({ set, remove }) ?? {};
}

function reception(verdict: ReceiveVerdict): Reception {
  if (verdict.do === undefined || !receptions.has(verdict.do)) {
    throw new TypeError(`"do" is ${JSON.stringify(verdict.do)}`);
  }
  switch (verdict.do) {
    case 'lookup':
      return { do: 'lookup' };
    case 'pass':
    case 'pipe':
      return { do: verdict.do, why: verdict.why ?? 'policy' };
    case 'purge':
      return { do: 'purge', soft: verdict.soft === true };
    case 'synth':
      return synthesis(verdict);
  }
}

function synthesis({ status, why, headers, body }: Extract<ReceiveVerdict, { do: 'synth' }>): Reception {
  if (body !== undefined && typeof body !== 'string') throw new TypeError('"body" is no text');
  edit({ set: headers ?? {} });
  return {
    do: 'synth',
    status: finalStatus(status),
    why: why ?? 'policy',
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  };
}

function finalStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new TypeError(`${JSON.stringify(status)} is no final status`);
}

// The framing and the connection are this hop's; a policy that set them would desynchronise client or origin.
const notForPolicies = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that a hook sets and removes. */
export function edit(given: Edit | undefined): Edit | undefined {
  if (given === undefined || given === null) return undefined;
  for (const [name, value] of Object.entries(given.set ?? {})) mustBeField(name, value);
  for (const name of given.remove ?? []) mustBeField(name, '');
  return given;
}

function mustBeField(name: string, value: string): void {
  if (!isToken(name) || notForPolicies.has(name.toLowerCase())) throw new TypeError(`${name} is no field for a policy`);
  if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TypeError(`the value of ${name} is no field value`);
  }
}

/** A page of the policy's own. */
export function page(given: Page | undefined): Page | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given.body !== 'string') throw new TypeError('"body" is no text');
  if (given.status !== undefined) finalStatus(given.status);
  edit({ set: given.headers ?? {} });
  return given;
}

/** A text that says something, or nothing at all. */
export function text(value: string | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${JSON.stringify(value)} is no text`);
}
