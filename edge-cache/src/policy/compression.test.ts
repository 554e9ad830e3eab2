import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Compressible, compression } from './compression.ts';

const rules = { isOn: true, leastBytes: 1000 };
const html = ['Content-Type', 'text/html; charset=utf-8'];

function given(over: Partial<Compressible> = {}): Compressible {
  return { request: ['Accept-Encoding', 'gzip, br'], status: 200, fields: html, length: 5000, ...over };
}

test('text is encoded in the coding that its client likes best', () => {
  assert.deepEqual(compression(given(), rules), { verdict: 'encode', coding: 'br', why: 'type' });
});

const left: readonly [why: string, over: Partial<Compressible>][] = [
  ['asked', { request: [] }],
  ['asked', { request: ['Accept-Encoding', 'identity'] }],
  ['asked', { request: ['Accept-Encoding', 'deflate'] }],
  ['type', { fields: [] }],
  ['type', { fields: ['Content-Type', 'image/png'] }],
  ['type', { fields: ['Content-Type', 'text/event-stream'] }],
  ['short', { length: 999 }],
  ['status', { status: 500 }],
  ['status', { status: 301 }],
  ['coded', { fields: [...html, 'Content-Encoding', 'gzip'] }],
  ['coded', { fields: [...html, 'Content-Encoding', 'identity'] }],
  ['range', { fields: [...html, 'Content-Range', 'bytes 0-1/2'] }],
  ['no-transform', { fields: [...html, 'Cache-Control', 'public, No-Transform, max-age=5'] }],
  ['no-transform', { fields: [...html, 'Cache-Control', 'max-age=5', 'Cache-Control', 'no-transform'] }],
  ['no-transform', { request: ['Accept-Encoding', 'gzip', 'Cache-Control', 'no-transform'] }],
  ['esi', { fields: [...html, 'Surrogate-Control', 'max-age=60, content="ESI/1.0"'] }],
];

for (const [why, over] of left) {
  test(`a response stays as it came: ${why} (${JSON.stringify(over)})`, () => {
    assert.deepEqual(compression(given(over), rules), { verdict: 'leave', why });
  });
}

const encoded: readonly [name: string, over: Partial<Compressible>][] = [
  ['just long enough', { length: 1000 }],
  ['of a length that nobody knows', { length: undefined }],
  ['a page for what is not found', { status: 404 }],
  ['a quoted no-transform is none', { fields: [...html, 'Cache-Control', 'x="no-transform"'] }],
];
for (const [name, over] of encoded) {
  test(`a response is encoded: ${name}`, () => {
    assert.equal(compression(given(over), rules).verdict, 'encode');
  });
}

test('switched off, nothing is encoded, whatever the policy says', () => {
  assert.deepEqual(compression(given(), { ...rules, isOn: false }, true), { verdict: 'leave', why: 'off' });
});

test('a policy can forbid it, and ask for it beyond type and length, but not against the origin', () => {
  const odd = given({ fields: ['Content-Type', 'application/x-own'], length: 3 });
  assert.deepEqual(compression(given(), rules, false), { verdict: 'leave', why: 'policy' });
  assert.deepEqual(compression(odd, rules, true), { verdict: 'encode', coding: 'br', why: 'policy' });
  assert.equal(compression({ ...odd, request: [] }, rules, true).verdict, 'leave');
  const fixed = given({ fields: [...html, 'Cache-Control', 'no-transform'] });
  assert.deepEqual(compression(fixed, rules, true), { verdict: 'leave', why: 'no-transform' });
});
