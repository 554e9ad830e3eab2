import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import type { Advice } from './admission.ts';
import { builtIn } from './built-in.ts';
import { requestDirectives } from './directives.ts';

const received = { method: 'GET', hasBody: false, isUpgrade: false, mayPurge: false };

for (const [what, given, verdict] of [
  ['GET', {}, { do: 'lookup' }],
  ['HEAD', { method: 'HEAD' }, { do: 'lookup' }],
  ['a GET with a body', { hasBody: true }, { do: 'pass', why: 'request-body' }],
  ['POST', { method: 'POST' }, { do: 'pass', why: 'method' }],
  ['an upgrade', { isUpgrade: true }, { do: 'pipe', why: 'upgrade' }],
  ['a PURGE that is allowed', { method: 'PURGE', mayPurge: true }, { do: 'purge', soft: false }],
  ['a PURGE by a stranger', { method: 'PURGE' }, { do: 'synth', status: 403, why: 'purge-denied' }],
] as const) {
  test(`built in, ${what}: ${verdict.do}`, () => assert.deepEqual(builtIn.receive({ ...received, ...given }), verdict));
}

test('built in, the key is host, path and query', () => {
  assert.equal(builtIn.key({ host: 'example.com', path: '/a?b' }), 'example.com/a?b');
});

test('built in, the origin is asked for the whole, and clients are not told what was for this edge', () => {
  assert.deepEqual(builtIn.fetch(['If-None-Match', '"a"', 'Range', 'bytes=0-', 'Accept', '*/*']), ['Accept', '*/*']);
  assert.deepEqual(builtIn.deliver(['Surrogate-Control', 'x', 'ETag', '"a"']), ['ETag', '"a"']);
});

test('built in, no field asks the origin for something else than is in the key', () => {
  const asked = ['X-Original-URL', '/admin', 'x_http_method_override', 'DELETE', 'X-Host', 'evil', 'X-Hosting', 'kept'];
  assert.deepEqual(builtIn.fetch(asked), ['X-Hosting', 'kept']);
});

test('built in, an error is a page that names the tier and the reason', () => {
  const report = { tier: 'edge-cache', status: 503, reason: 'refused', message: 'away', requestId: 'x' } as const;
  assert.match(String(builtIn.synth(report, 'application/json').body), /"reason": ?"refused"/);
  assert.match(field(builtIn.synth(report, 'text/html').fields, 'content-type') ?? '', /text\/html/);
});

type Given = {
  readonly method: string;
  readonly status: number;
  readonly request: Fields;
  readonly response: Fields;
  readonly advice: Advice;
};

// All reasons at once; each step takes the one away that was given, and the next in the order is heard.
const all: Given = {
  method: 'POST',
  status: 206,
  request: ['Authorization', 'x', 'Cookie', 'a=1', 'Cache-Control', 'no-store'],
  response: ['Vary', '*', 'Cache-Control', 'no-store, private', 'Set-Cookie', 'a=1'],
  advice: { do: 'pass', why: 'the policy' },
};
const steps: readonly [reason: string, taken: Partial<Given>][] = [
  ['method', { method: 'GET' }],
  ['status', { status: 200 }],
  ['vary', { response: ['Cache-Control', 'no-store, private', 'Set-Cookie', 'a=1'] }],
  ['the policy', { advice: {} }],
  ['no-store', { response: ['Cache-Control', 'private', 'Set-Cookie', 'a=1'] }],
  ['private', { response: ['Set-Cookie', 'a=1'] }],
  ['authorization', { request: ['Cookie', 'a=1', 'Cache-Control', 'no-store'] }],
  ['set-cookie', { response: [] }],
  ['cookie', { request: ['Cache-Control', 'no-store'] }],
  ['no-freshness', { response: ['ETag', '"a"'] }],
  ['request-no-store', { request: [] }],
];

test('built in, reasons not to store are heard in the order that is written down', () => {
  const rules = { ttl: 0, grace: 0, staleIfError: 0, keep: 0, setCookie: 'pass' } as const;
  let given = all;
  const admit = () => {
    const { method, request: fields, status, response, advice } = given;
    const directives = requestDirectives(fields);
    const timing = { requestedAt: 0, respondedAt: 0 };
    const candidate = { request: { method, fields, directives }, response: { status, fields: response }, timing };
    return builtIn.admit(candidate, rules, advice);
  };
  for (const [reason, taken] of steps) {
    assert.deepEqual(admit(), { verdict: 'pass', why: reason, isEsi: false });
    given = { ...given, ...taken };
  }
  assert.equal(admit().verdict, 'store');
});
