import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, has, lines } from '@trivet/kit/semantics/fields.ts';
import { hopsLeft, outboundFields, takesTrailers } from './outbound.ts';

const base = {
  id: 'id-1',
  method: 'GET',
  host: 'Site.example:8080',
  scheme: 'http',
  version: '1.1',
  peer: { address: '192.0.2.7', port: 5000, trusted: false },
} as const;

function outbound(fields: readonly string[], over: object = {}): string[] {
  return outboundFields({ ...base, fields: ['Host', base.host, ...fields], ...over });
}

test('a plain request goes on with Host as received and what this hop knows', () => {
  assert.deepEqual(outbound(['Accept', '*/*', 'Cookie', 'a=1', 'Cookie', 'b=2']), [
    ...['Host', 'Site.example:8080', 'Accept', '*/*', 'Cookie', 'a=1', 'Cookie', 'b=2'],
    ...['X-Forwarded-For', '192.0.2.7', 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', 'Site.example:8080'],
    ...['Forwarded', 'for=192.0.2.7;host="Site.example:8080";proto=http'],
    ...['Via', '1.1 static-frontend', 'X-Request-Id', 'id-1'],
  ]);
});

test('what belongs to the connection with the client stays here', () => {
  const fields = outbound([
    ...['Connection', 'keep-alive, X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5', 'Proxy-Connection', 'close'],
    ...['TE', 'gzip', 'Trailer', 'X-T', 'Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Expect', '100-continue'],
    ...['Proxy-Authorization', 'Basic eA==', 'Authorization', 'Basic eQ=='],
  ]);
  for (const name of [
    ...['connection', 'x-hop', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
    ...['expect', 'proxy-authorization'],
  ]) {
    assert.equal(has(fields, name), false, name);
  }
  assert.equal(field(fields, 'authorization'), 'Basic eQ==');
});

const claims = [
  'X-Forwarded-For',
  '6.6.6.6',
  'X-Forwarded-Proto',
  'https',
  'X-Real-IP',
  '6.6.6.6',
  'X-Request-Id',
  'x',
];

test('what a stranger claims about hops before is replaced', () => {
  const fields = outbound(claims);
  assert.deepEqual(lines(fields, 'x-forwarded-for'), ['192.0.2.7']);
  assert.deepEqual(lines(fields, 'x-forwarded-proto'), ['http']);
  assert.deepEqual(lines(fields, 'x-request-id'), ['id-1']);
  assert.equal(has(fields, 'x-real-ip'), false);
});

test('what a trusted peer says about hops before is kept and continued', () => {
  const fields = outbound(claims, { peer: { ...base.peer, trusted: true } });
  assert.deepEqual(lines(fields, 'x-forwarded-for'), ['6.6.6.6, 192.0.2.7']);
  assert.deepEqual(lines(fields, 'x-forwarded-proto'), ['https']);
});

test('the hops before stay in Via, each with the version that it spoke', () => {
  const fields = outbound(['Via', '1.1 edge-cache'], { version: '1.0' });
  assert.deepEqual(lines(fields, 'via'), ['1.1 edge-cache, 1.0 static-frontend']);
});

for (const [te, version, expected] of [
  ['trailers', '1.1', true],
  ['gzip;q=0.5, Trailers', '1.1', true],
  ['gzip', '1.1', false],
  ['trailers', '1.0', false],
] as const) {
  test(`a client with TE: ${te} and HTTP/${version} ${expected ? 'takes' : 'does not take'} trailers`, () => {
    assert.equal(takesTrailers({ fields: ['TE', te], version }), expected);
    assert.equal(field(outbound(['TE', te], { version }), 'te'), expected ? 'trailers' : undefined);
  });
}

for (const [method, maxForwards, left, next] of [
  ['OPTIONS', '1', 1, '0'],
  ['OPTIONS', '0', 0, undefined],
  ['OPTIONS', 'many', undefined, 'many'],
  ['GET', '0', undefined, '0'],
] as const) {
  test(`${method} with Max-Forwards: ${maxForwards} has ${left ?? 'any number of'} hops left`, () => {
    const fields = ['Max-Forwards', maxForwards];
    assert.equal(hopsLeft({ method, fields }), left);
    if (next !== undefined) assert.equal(field(outbound(fields, { method }), 'max-forwards'), next);
  });
}
