import { builtIn } from '../policy/built-in.ts';
import type { Reception } from '../policy/receive.ts';
import type { Edge } from './edge.ts';
import type { Exchange, Turn } from './exchange.ts';
import type { Question } from './question.ts';

/** Asks the policy, then the built-in rules, what becomes of a request. */
export async function receive(x: Exchange, edge: Edge): Promise<Turn> {
  // `OPTIONS *` asks whether anybody is here (RFC 9110 §9.3.7); to the client that is this hop.
  if (x.inbound.target === '*') return { step: 'synth', page: { as: 'bare', status: 200, why: 'asterisk' } };
  const verdict = received(x, edge, { hasBody: x.inbound.body !== undefined, isUpgrade: false });
  switch (verdict.do) {
    case 'lookup':
      return mayLookUp(x.method) ? { step: 'lookup' } : { step: 'pass', fwd: 'method', why: undefined };
    case 'pass':
    case 'pipe':
      return verdict.why === 'method'
        ? { step: 'pass', fwd: 'method', why: undefined }
        : { step: 'pass', fwd: 'bypass', why: verdict.why };
    case 'purge':
      return { step: 'purge', soft: verdict.soft };
    case 'synth':
      if (verdict.why === 'purge-denied') edge.purgeGate.denied(x.inbound.client, x.inbound.target);
      return { step: 'synth', page: { as: 'page', ...verdict } };
  }
}

/** Whatever the policy says: only what GET and HEAD ask for is stored, and nothing else is answered from the store. */
export function mayLookUp(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

export type Circumstances = { readonly hasBody: boolean; readonly isUpgrade: boolean };

/** The verdict on a request: the policy's, else the built-in one, on the request as the policy changed it. */
export function received(
  question: Question,
  edge: Pick<Edge, 'purgeFrom'>,
  { hasBody, isUpgrade }: Circumstances,
): Reception {
  const { rules, inbound } = question;
  const own = rules.hasReceive ? rules.receive(question.view) : undefined;
  if (own?.edit !== undefined) question.change(own.edit);
  if (own?.do !== undefined) return own;
  const { method, client } = inbound;
  return builtIn.receive({ method, hasBody, isUpgrade, mayPurge: method === 'PURGE' && edge.purgeFrom(client) });
}
