import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePolicy, exampleRequest, exampleResponse, type Policy } from './define-policy.ts';
import { Rules } from './rules.ts';

const request = exampleRequest('https://Example.com:80/a?b=1', { headers: { 'X-Kind': 'x' }, client: '192.0.2.1' });

test('hooks are given plain data', () => {
  const { method, path, query, host, scheme, client, header } = request;
  assert.deepEqual(
    { method, path, query, host, scheme, client },
    {
      method: 'GET',
      path: '/a',
      query: 'b=1',
      host: 'example.com:80',
      scheme: 'https',
      client: '192.0.2.1',
    },
  );
  assert.equal(header('x-kind'), 'x');
  assert.equal(header('X-KIND'), 'x');
  assert.equal(header('other'), undefined);
  const response = exampleResponse(404, { A: 'b' });
  assert.deepEqual([response.status, response.header('a')], [404, 'b']);
});

test('a policy that says nothing leaves all to the built-in rules', () => {
  const rules = new Rules(definePolicy({}));
  assert.equal(rules.receive(request), undefined);
  assert.equal(rules.key(request), undefined);
  assert.equal(rules.fetch(request), undefined);
  assert.deepEqual(rules.admit(exampleResponse(200), request), {});
  assert.equal(rules.deliver(exampleResponse(200), request), undefined);
  assert.equal(rules.synth(503, request), undefined);
  assert.equal(rules.cookies('a=b'), 'a=b');
  assert.equal(rules.queryFilter, undefined);
  assert.deepEqual(
    [rules.hasKey, rules.hasReceive, rules.editsFetch, rules.editsDelivery],
    [false, false, false, false],
  );
});

test('rules that are no longer in force say once that nobody goes by them, though another comes and goes', () => {
  const rules = new Rules({});
  let calls = 0;
  rules.enter();
  rules.retire(() => {
    calls += 1;
  });
  assert.equal(calls, 0);
  for (const _ of ['the last', 'one that begins after it']) {
    rules.leave();
    rules.enter();
  }
  rules.leave();
  assert.equal(calls, 1);
});

test('durations are texts or milliseconds', () => {
  const rules = new Rules({ admit: () => ({ ttl: '10s', grace: '1m', staleIfError: 5, keep: 0 }) });
  const { ttl, grace, staleIfError, keep } = rules.admit(exampleResponse(200), request);
  assert.deepEqual([ttl, grace, staleIfError, keep], [10_000, 60_000, 5, 0]);
});

for (const [kept, before, after] of [
  [['a'], 'a=1; b=2', 'a=1'],
  [['a', 'b'], 'b=2;a=1', 'b=2; a=1'],
  [['s_*'], 's_x=1; t=2; s_y=3', 's_x=1; s_y=3'],
  [['c'], 'a=1', undefined],
  [[], 'a=1', undefined],
] as const) {
  test(`of the cookies ${before}, ${kept.join(' ') || 'none'} leave ${after}`, () => {
    assert.equal(new Rules({ cookies: { keep: kept } }).cookies(before), after);
  });
}

for (const [cookies, after] of [
  [{ remove: ['_ga*', 'b'] }, 'a=1; c=3'],
  [{ keep: ['a', 'b'], remove: ['b'] }, 'a=1'],
  [{}, 'a=1; b=2; c=3; _ga=4; _ga_X=5'],
] as const) {
  test(`cookies ${JSON.stringify(cookies)} leave ${after}`, () => {
    assert.equal(new Rules({ cookies }).cookies('a=1; b=2; c=3; _ga=4; _ga_X=5'), after);
  });
}

test('what campaigns and advertisers add to links is a preset, beside what a policy removes itself', () => {
  const { queryFilter } = new Rules({ query: { preset: 'tracking', remove: ['ref'] } });
  const tracked = [
    'utm_source',
    'UTM_x',
    'gclid',
    'fbclid',
    'srsltid',
    'msclkid',
    'mc_eid',
    '_hsenc',
    'mtm_cid',
    'ref',
  ];
  assert.equal(queryFilter?.(tracked.map((name) => `${name}=1`).join('&')), 'UTM_x=1');
  for (const kept of ['id=1', 'source=x', 'q=utm_source', 'page=2', 'gclids=1', 'utm=1']) {
    assert.equal(queryFilter?.(kept), kept);
  }
});

test('receive may change a request and leave the decision to the built-in rules', () => {
  const { receive } = { receive: (verdict: unknown) => new Rules({ receive: wrong(verdict) }).receive(request) };
  assert.deepEqual(receive({ set: { 'x-device': 'phone' } }), { edit: { set: { 'x-device': 'phone' }, remove: [] } });
  assert.deepEqual(receive({ do: 'pass', why: 'x', remove: ['cookie'] }), {
    do: 'pass',
    why: 'x',
    edit: { set: {}, remove: ['cookie'] },
  });
  assert.deepEqual(receive({ do: 'lookup' }), { do: 'lookup' });
});

test('a redirect is a synth with a field, a page of its own one with a body', () => {
  const rules = new Rules({
    receive: () => ({ do: 'synth', status: 301, headers: { location: '/b' }, body: 'there' }),
  });
  assert.deepEqual(rules.receive(request), {
    do: 'synth',
    status: 301,
    why: 'policy',
    headers: { location: '/b' },
    body: 'there',
  });
});

test('rules count who goes by them, and tell when nobody does any more', () => {
  const rules = new Rules({});
  let told = 0;
  rules.enter();
  rules.enter();
  rules.leave();
  rules.retire(() => {
    told += 1;
  });
  assert.deepEqual([rules.users, told], [1, 0]);
  rules.leave();
  assert.deepEqual([rules.users, told], [0, 1]);
  new Rules({}).retire(() => {
    told += 1;
  });
  assert.equal(told, 2);
});

const wrong = (value: unknown) => (() => value) as never;
for (const [what, policy, ask] of [
  ['a status that is none', { receive: wrong({ do: 'synth', status: 99 }) }, (rules: Rules) => rules.receive(request)],
  ['a verdict that says nothing', { receive: wrong({}) }, (rules: Rules) => rules.receive(request)],
  ['another Host', { receive: wrong({ set: { Host: 'b' } }) }, (rules: Rules) => rules.receive(request)],
  ['framing', { receive: wrong({ remove: ['Content-Length'] }) }, (rules: Rules) => rules.receive(request)],
  [
    'a change of what is refused',
    { receive: wrong({ do: 'synth', status: 403, set: { a: 'b' } }) },
    (rules: Rules) => rules.receive(request),
  ],
  [
    'a location that splits the head',
    { receive: wrong({ do: 'synth', status: 301, headers: { location: 'a\r\nb' } }) },
    (rules: Rules) => rules.receive(request),
  ],
  ['a backend that is not there', { fetch: wrong({ backend: 'b' }) }, (rules: Rules) => rules.fetch(request)],
  ['a backend that is no text', { fetch: wrong({ backend: 5 }) }, (rules: Rules) => rules.fetch(request)],
  ['a key that is no text', { key: wrong(5) }, (rules: Rules) => rules.key(request)],
  ['a field name that is none', { fetch: wrong({ set: { 'a b': 'c' } }) }, (rules: Rules) => rules.fetch(request)],
  ['a value that is no text', { fetch: wrong({ set: { a: 5 } }) }, (rules: Rules) => rules.fetch(request)],
  ['a negative time', { admit: wrong({ ttl: -1 }) }, (rules: Rules) => rules.admit(exampleResponse(200), request)],
  [
    'an unknown verdict',
    { admit: wrong({ do: 'keep' }) },
    (rules: Rules) => rules.admit(exampleResponse(200), request),
  ],
  ['a page without a body', { synth: wrong({}) }, (rules: Rules) => rules.synth(500, request)],
] as const satisfies readonly (readonly [string, Policy, (rules: Rules) => unknown])[]) {
  test(`${what} is a fault of this edge, 503`, () => {
    assert.throws(() => ask(new Rules(policy)), { name: 'Fault', blame: 'self', status: 503 });
  });
}
