import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardingFields, type Hop } from '@trivet/kit/semantics/forwarding.ts';
import { forwardingContradiction } from './forwarding-check.ts';

for (const [what, fields] of [
  ['nothing is told', []],
  ['only X-Forwarded is told', ['X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Proto', 'https']],
  ['only Forwarded is told', ['Forwarded', 'for=1.2.3.4;proto=https']],
  [
    'both tell the same',
    ['X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Proto', 'https', 'Forwarded', 'for=1.2.3.4;proto=HTTPS'],
  ],
  ['an address is written in two ways', ['X-Forwarded-For', '2001:db8::1', 'Forwarded', 'for="[2001:DB8::1]:80"']],
  ['one of them knows more hops', ['X-Forwarded-For', '9.9.9.9, 1.2.3.4', 'Forwarded', 'for=1.2.3.4']],
  [
    'a hop has no address',
    ['X-Forwarded-For', '9.9.9.9, 1.2.3.4', 'Forwarded', 'for=9.9.9.9, for=1.2.3.4, for=unknown'],
  ],
  ['a hop is obfuscated', ['X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=_gazonk']],
  ['an inner hop spoke http', ['X-Forwarded-Proto', 'https', 'Forwarded', 'for=a;proto=https, for=b;proto=http']],
] as const) {
  test(`no contradiction when ${what}`, () => {
    assert.equal(forwardingContradiction(fields), undefined);
  });
}

for (const [what, fields] of [
  ['the scheme', ['X-Forwarded-Proto', 'https', 'Forwarded', 'for=1.2.3.4;proto=http']],
  ['the client', ['X-Forwarded-For', '1.2.3.4', 'Forwarded', 'for=6.6.6.6']],
  ['a hop before the last', ['X-Forwarded-For', '1.1.1.1, 2.2.2.2', 'Forwarded', 'for=6.6.6.6, for=2.2.2.2']],
] as const) {
  test(`two stories about ${what} contradict each other`, () => {
    assert.match(forwardingContradiction(fields) ?? '', /Forwarded says/);
  });
}

test('a chain of our own hops never contradicts itself', () => {
  const hops: readonly Hop[] = [
    { peer: '192.0.2.1', trusted: false, scheme: 'http', host: 'a' },
    { peer: '10.0.0.1', trusted: true, scheme: 'http', host: 'a' },
    { peer: 'unix', trusted: true, scheme: 'http', host: 'a' },
    { peer: '::1', trusted: true, scheme: 'http', host: 'a' },
  ];
  let fields: string[] = ['X-Forwarded-Proto', 'https', 'Forwarded', 'for=6.6.6.6'];
  for (const hop of hops) {
    fields = forwardingFields(fields, hop);
    assert.equal(forwardingContradiction(fields), undefined);
  }
});
