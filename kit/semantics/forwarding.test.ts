import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { entries, type Fields, without } from './fields.ts';
import { clientAddress, forwardedElements, forwardingFields, type Hop, isForwarding } from './forwarding.ts';

function hop(changes: Partial<Hop> = {}): Hop {
  return { peer: '10.0.0.9', trusted: true, scheme: 'http', host: 'example.org', ...changes };
}

function told(inbound: Fields, changes: Partial<Hop> = {}): Record<string, string> {
  return Object.fromEntries(entries(forwardingFields(inbound, hop(changes))));
}

const forged = [
  ...['X-Forwarded-For', '6.6.6.6'],
  ...['X-Forwarded-Proto', 'https'],
  ...['X-Forwarded-Host', 'evil'],
  ...['X-Forwarded-Port', '1'],
  ...['X-Forwarded-Prefix', '/evil'],
  ...['X-Forwarded-Ssl', 'on'],
  ...['X-Real-IP', '6.6.6.6'],
  ...['X_Forwarded_For', '6.6.6.6'],
  ...['Forwarded', 'for=6.6.6.6;proto=https'],
];

test('the word of an untrusted peer is replaced by what this hop saw', () => {
  assert.deepEqual(told(forged, { peer: '192.0.2.7', trusted: false }), {
    'X-Forwarded-For': '192.0.2.7',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': 'example.org',
    Forwarded: 'for=192.0.2.7;host=example.org;proto=http',
  });
});

test('what a trusted peer tells is appended to and kept', () => {
  const inbound = [
    ...['x-forwarded-for', '192.0.2.1', 'X-Forwarded-For', '10.0.0.1'],
    ...['X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.example', 'X-Forwarded-Port', '443'],
    ...['X-Forwarded-Prefix', '/app', 'X-Real-IP', '192.0.2.1'],
    ...['Forwarded', 'for=192.0.2.1', 'Forwarded', 'for=10.0.0.1'],
  ];
  assert.deepEqual(told(inbound), {
    'X-Forwarded-Port': '443',
    'X-Forwarded-Prefix': '/app',
    'X-Real-IP': '192.0.2.1',
    'X-Forwarded-For': '192.0.2.1, 10.0.0.1, 10.0.0.9',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'shop.example',
    Forwarded: 'for=192.0.2.1, for=10.0.0.1, for=10.0.0.9;host=example.org;proto=https',
  });
});

test('of a trusted peer that tells nothing the connection is told', () => {
  assert.deepEqual(told([], { scheme: 'https' }), {
    'X-Forwarded-For': '10.0.0.9',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'example.org',
    Forwarded: 'for=10.0.0.9;host=example.org;proto=https',
  });
});

test('Forwarded is derived from X-Forwarded-For where a trusted peer sent that alone', () => {
  const { Forwarded } = told(['X-Forwarded-For', '192.0.2.1:4711, 2001:db8::1, nonsense']);
  assert.equal(Forwarded, 'for=192.0.2.1, for="[2001:db8::1]", for=unknown, for=10.0.0.9;host=example.org;proto=http');
});

test('X-Forwarded-* is derived from Forwarded where a trusted peer sent that alone', () => {
  const fields = told(['Forwarded', 'For="[2001:db8::1]:4711", for=_hidden, for=192.0.2.1;proto=https;host="a:81"']);
  assert.equal(fields['X-Forwarded-For'], '2001:db8::1, unknown, 192.0.2.1, 10.0.0.9');
  assert.equal(fields['X-Forwarded-Proto'], 'https');
  assert.equal(fields['X-Forwarded-Host'], 'a:81');
});

test('IPv6 is bracketed and quoted in Forwarded and bare in X-Forwarded-For', () => {
  const fields = told([], { peer: '2001:db8::1' });
  assert.equal(fields['X-Forwarded-For'], '2001:db8::1');
  assert.equal(fields.Forwarded, 'for="[2001:db8::1]";host=example.org;proto=http');
});

test('an IPv4 peer on a dual-stack socket is written as IPv4', () => {
  const fields = told([], { peer: '::ffff:192.0.2.1' });
  assert.equal(fields['X-Forwarded-For'], '192.0.2.1');
  assert.match(fields.Forwarded ?? '', /^for=192\.0\.2\.1;/);
});

test('a peer on a Unix socket is unknown in Forwarded and adds nothing to X-Forwarded-For', () => {
  assert.deepEqual(told([], { peer: 'unix', host: '' }), {
    'X-Forwarded-Proto': 'http',
    Forwarded: 'for=unknown;proto=http',
  });
  assert.equal(told(['X-Forwarded-For', '192.0.2.1'], { peer: 'unix' })['X-Forwarded-For'], '192.0.2.1');
});

test('a host with a port is quoted in Forwarded', () => {
  assert.match(told([], { host: 'example.org:8080' }).Forwarded ?? '', /;host="example\.org:8080";/);
});

test('an open quote in Forwarded cannot swallow the element of this hop', () => {
  const fields = told(['Forwarded', 'for=192.0.2.1;by="x', 'X-Forwarded-For', '192.0.2.1']);
  assert.equal(fields.Forwarded, 'for=192.0.2.1, for=10.0.0.9;host=example.org;proto=http');
});

test('every claim about hops before is known as such, and nothing else is', () => {
  assert.deepEqual(without([...forged, 'Host', 'a', 'X-Forwarder', 'b'], isForwarding), [
    'Host',
    'a',
    'X-Forwarder',
    'b',
  ]);
});

test('a trusted peer that lets underscores through does not lend them its trust', () => {
  assert.deepEqual(Object.keys(told(['X_Forwarded_For', '6.6.6.6', 'X-Real_IP', '6.6.6.6'])), [
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'Forwarded',
  ]);
});

const trusted = (address: string): boolean => address === 'unix' || address.startsWith('10.') || address === '::1';

const walks: [name: string, fields: Fields, peer: string, client: string][] = [
  ['an untrusted peer is the client', ['X-Forwarded-For', '6.6.6.6'], '192.0.2.9', '192.0.2.9'],
  ['a trusted peer that claims nothing is the client', [], '10.0.0.1', '10.0.0.1'],
  ['a trusted peer names the client', ['X-Forwarded-For', '192.0.2.1'], '10.0.0.1', '192.0.2.1'],
  ['the first untrusted from the right', ['X-Forwarded-For', '6.6.6.6, 192.0.2.1, 10.0.0.2'], '10.0.0.1', '192.0.2.1'],
  ['lines count as one list', ['X-Forwarded-For', '192.0.2.1', 'x-forwarded-for', '10.0.0.2'], '10.0.0.1', '192.0.2.1'],
  ['the leftmost when all are trusted', ['X-Forwarded-For', '10.0.0.3, 10.0.0.2'], '10.0.0.1', '10.0.0.3'],
  ['garbage ends the walk', ['X-Forwarded-For', '192.0.2.1, x, 10.0.0.2'], '10.0.0.1', '10.0.0.2'],
  ['garbage alone changes nothing', ['X-Forwarded-For', '<script>'], '10.0.0.1', '10.0.0.1'],
  ['ports are left out', ['X-Forwarded-For', '192.0.2.1:4711, [::1]:80'], '10.0.0.1', '192.0.2.1'],
  ['IPv4 in IPv6 is IPv4', ['X-Forwarded-For', '::ffff:192.0.2.1'], '::ffff:10.0.0.1', '192.0.2.1'],
  ['Forwarded where it is alone', ['Forwarded', 'for="[2001:db8::1]:80", for=10.0.0.2'], '10.0.0.1', '2001:db8::1'],
  ['an unknown hop ends the walk', ['Forwarded', 'for=192.0.2.1, for=unknown, for=10.0.0.2'], '10.0.0.1', '10.0.0.2'],
  ['a Unix socket passes the word on', ['X-Forwarded-For', '192.0.2.1'], 'unix', '192.0.2.1'],
  ['a Unix socket that says nothing', [], 'unix', 'unix'],
];

for (const [name, fields, peer, client] of walks) {
  test(`the client behind the hops: ${name}`, () => {
    assert.equal(clientAddress(fields, peer, trusted), client);
  });
}

test('whatever a trusted peer sends, both chains lead to one client and the last hop is the peer', () => {
  const value = fc.array(
    fc.constantFrom('for=', '192.0.2.1', '10.0.0.2', '"', ',', ';', '[::1]', '::1', 'x', ' ', '\\'),
  );
  fc.assert(
    fc.property(fc.constantFrom('X-Forwarded-For', 'Forwarded'), value, (name, parts) => {
      const out = forwardingFields([name, parts.join('')], hop());
      const elements = forwardedElements(told([name, parts.join('')]).Forwarded ?? '');
      assert.equal(elements.at(-1)?.get('for'), '10.0.0.9');
      const alone = (wanted: string) => [...entries(out)].filter(([own]) => own === wanted).flat();
      const walked = clientAddress(alone('X-Forwarded-For'), '10.0.0.1', trusted);
      assert.equal(clientAddress(alone('Forwarded'), '10.0.0.1', trusted), walked);
    }),
    { numRuns: 2000 },
  );
});
