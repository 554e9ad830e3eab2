import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { precondition } from '@trivet/kit/semantics/conditional.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import { EnvironHeaders } from '../toolkit/request-core.ts';
import type { Application, Environ, Header } from '../wsgi.ts';
import { planScript, type ScriptPlan } from './script-plan.ts';

/** One period of every body: where a piece came from can be told by what it begins with. */
const pattern = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n');
const usualBody = Buffer.from('script\n');
const blockBytes = 64 * 1024;

/**
 * `/script?…`: answers as it is told, for tests of what stands in front (parameters: `script-plan.ts`). Every answer carries a
 * new `x-nonce`, so the same nonce is the same stored answer.
 */
export const script: Application = async function* (environ, startResponse) {
  const nonce: Header = ['x-nonce', randomBytes(8).toString('hex')];
  const verdict = planScript(new URLSearchParams(environ.QUERY_STRING));
  if (verdict.verdict === 'bad') {
    startResponse('400 Bad Request', [
      nonce,
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Cache-Control', 'no-store'],
    ]);
    yield Buffer.from(`bad parameter ${verdict.parameter}: ${verdict.why}\n`);
    return;
  }
  const { plan } = verdict;
  if (plan.hints.length > 0) environ['wsgi.early_hints']?.(plan.hints);
  if (plan.delayMs > 0) await sleep(plan.delayMs, undefined, { signal: environ['trivet.signal'] });
  const status = conditionalStatus(plan, environ);
  const isBodyless = status === 204 || status === 304;
  const told = isBodyless ? plan.headers.filter(([name]) => name !== 'Content-Type') : plan.headers;
  startResponse(`${status} ${reasonPhrase(status)}`, [nonce, ...told, ...(isBodyless ? [] : bodyFields(plan))]);
  if (!isBodyless) yield* blocks(plan);
};

/** Conditions are for what would be a 200 (RFC 9110 §13.2.1). */
function conditionalStatus(plan: ScriptPlan, environ: Environ): number {
  if (plan.status !== 200) return plan.status;
  const fields = [...new EnvironHeaders(environ)].flat();
  const { verdict } = precondition(environ.REQUEST_METHOD, fields, plan);
  return { proceed: 200, 'not-modified': 304, failed: 412 }[verdict];
}

function bodyFields(plan: ScriptPlan): Header[] {
  const hasType = plan.headers.some(([name]) => name === 'Content-Type');
  return [
    ...(hasType ? [] : ([['Content-Type', 'text/plain; charset=utf-8']] as const)),
    ...(plan.chunks === undefined ? ([['Content-Length', String(lengthOf(plan))]] as const) : []),
  ];
}

/** There must be something to break off. */
function lengthOf({ bodyBytes, abort }: ScriptPlan): number {
  const length = bodyBytes ?? usualBody.length;
  return abort === undefined ? length : Math.max(length, 2);
}

function* blocks(plan: ScriptPlan): Generator<Uint8Array> {
  const length = lengthOf(plan);
  const last = { 'after-head': 1, 'mid-body': Math.ceil(length / 2), none: length }[plan.abort ?? 'none'];
  const size = plan.chunks === undefined ? blockBytes : Math.max(1, Math.ceil(length / plan.chunks));
  for (let at = 0; at < last; at += size) yield piece(plan, at, Math.min(at + size, last));
  if (plan.abort) throw new Error(`broken off ${plan.abort}, as it was asked for`);
}

function piece({ bodyBytes }: ScriptPlan, from: number, to: number): Uint8Array {
  if (bodyBytes === undefined) return usualBody.subarray(from, to);
  const offset = from % pattern.length;
  return Buffer.alloc(to - from + offset, pattern).subarray(offset);
}
