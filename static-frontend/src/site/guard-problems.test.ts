import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from './check.ts';
import { guardChecks, keyCheck, limitProblems } from './guard-problems.ts';

const checks = guardChecks({ upstreams: ['app'], limits: ['a', 'b'] });
const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const asking = (over: object) => ({ authRequest: { proxy: 'app', path: '/auth', ...over } });
const users = (given: unknown) => ({ basicAuth: { realm: 'r', users: given } });
const realm = (given: unknown) => ({ basicAuth: { realm: given, users: 'file' } });

for (const guard of [
  { access: { allow: [], deny: ['10.0.0.0/8', '::1', 'unix'] } },
  ...[users('file'), users({}), users({ ada: sha }), realm('the house: 1')],
  ...[asking({}), asking({ path: '/a?b=%20' }), asking({ copy: ['X-User', 'x_role'] })],
  ...[{ limits: [] }, { limits: ['a', 'b'] }],
]) {
  test(`${JSON.stringify(guard)} guards`, () => assert.deepEqual(problemsOf('r', guard, checks), []));
}

for (const [guard, problem] of [
  [{ access: { allow: { a: '10.0.0.1' } } }, /allow: is a list of addresses and ranges/],
  [{ access: { deny: '10.0.0.1' } }, /deny: is a list of addresses/],
  [{ access: { deny: [''] } }, /deny: 0: "" is no address/],
  [{ access: { deny: [' '] } }, /deny: 0: " " is no address/],
  [{ access: { deny: ['10.0.0.1,10.0.0.2'] } }, /is no address and no range/],
  [{ access: { deny: ['10.0.0.0/33'] } }, /"10\.0\.0\.0\/33" is not an address/],
  [{ access: { deny: [1] } }, /1 is no address/],
  [{ access: { only: [] } }, /there is no "only"/],
  [{ basicAuth: { users: 'file' } }, /realm: undefined is no realm/],
  [{ basicAuth: { realm: 'r' } }, /users: is a file, or hashes by name/],
  ...(['', 'a"b', 'a\\b', 'a\r\nb', 'ä', 1] as const).map((given) => [realm(given), /realm: .* is no realm/] as const),
  ...['', [sha], 1].map((given) => [users(given), /users: is a file, or hashes by name/] as const),
  [users({ ada: 1 }), /ada: is no hash/],
  [asking({ proxy: 'api' }), /proxy: "api" is no upstream \(known: app\)/],
  ...['auth', '', '/a b', '/a#b', '/ä', 1].map((path) => [asking({ path }), /path: .* is no path/] as const),
  [{ authRequest: { proxy: 'app' } }, /path: undefined is no path/],
  [asking({ copy: { a: 'X-User' } }), /copy: is a list of names/],
  [asking({ copy: ['X User'] }), /copy: 0: "X User" is no name/],
  ...['Host', 'Via', 'Expect', 'X-Request-Id', 'Transfer-Encoding', 'Forwarded', 'X-Forwarded-Proto'].map(
    (name) => [asking({ copy: [name] }), /cannot be copied/] as const,
  ),
  [{ limits: ['c'] }, /limits: 0: "c" is no limit \(known: a, b\)/],
  [{ limits: { x: 'a' } }, /limits: is a list of limits/],
  [{ limits: 'a' }, /limits: is a list of limits/],
] satisfies (readonly [object, RegExp])[]) {
  test(`${JSON.stringify(guard)} is a problem`, () => assert.match(problemsOf('r', guard, checks).join('\n'), problem));
}

for (const [key, problem] of [
  ['client', undefined],
  [{ header: 'X-Key' }, undefined],
  [{ cookie: 'sid' }, undefined],
  ['ip', /"ip" is no key \(known: client, all\)/],
  [{}, /is \{ header: NAME \} or/],
  [{ header: 'a', cookie: 'b' }, /is \{ header: NAME \} or/],
  [{ header: 'a b' }, /header: "a b" is no name/],
  [{ query: 'a' }, /there is no "query"/],
] as const) {
  test(`requests are ${problem ? 'not ' : ''}told apart by ${JSON.stringify(key)}`, () => {
    const found = keyCheck(['client', 'all'])(key);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });
}

for (const [limit, problem] of [
  [{ rate: '1/s' }, undefined],
  [{ concurrent: 1 }, undefined],
  [{ rate: '999999999/h', burst: 0, delay: false, concurrent: 1_000_000, dryRun: true, by: 'all' }, undefined],
  [{ rate: '1/s', burst: 60, delay: true }, undefined],
  [{ rate: '1/s', burst: 61, delay: true }, /the last of 61 at 1\/s would wait longer than 60s/],
  [{ rate: '1/s', burst: 61, delay: false }, undefined],
  [{ concurrent: 1, burst: 61, delay: true }, undefined],
  [{}, /needs rate, concurrent or both/],
  ['1/s', /is an object of/],
  ...['0/s', '01/s', '1/d', '1.5/s', '1', '1/s ', 10, '1000000000/s'].map((rate) => [{ rate }, /not a rate/] as const),
  [{ concurrent: 0 }, /concurrent: 0 is not a whole number from 1/],
  [{ rate: '1/s', burst: -1 }, /burst: -1 is not/],
] satisfies (readonly [unknown, RegExp | undefined])[]) {
  test(`${JSON.stringify(limit)} ${problem ? 'is no limit' : 'limits'}`, () => {
    const found = limitProblems('limits.a', limit);
    if (problem === undefined) assert.deepEqual(found, []);
    else assert.match(found.join('\n'), problem);
  });
}
