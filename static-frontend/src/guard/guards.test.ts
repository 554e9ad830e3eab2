import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import type { Route, Site } from '../define-site.ts';
import { Limits } from '../limits/limits.ts';
import { openGuards } from './guards.ts';

const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const files = { path: '/', files: '.' } as const;
const basicAuth = { realm: 'r', users: { ada: sha } };
const authRequest = { proxy: 'app', path: '/auth' };

function opened(routes: readonly Route[], limits = new Limits()) {
  return openGuards({ routes } satisfies Site, { limits, log: silentLog, clock: () => 0 });
}

for (const [what, guard, expected] of [
  ['nothing', {}, undefined],
  ['no limit at all', { limits: [] }, undefined],
  ['a limit', { limits: ['a'] }, false],
  ['addresses that are kept out', { access: { deny: ['192.0.2.1'] } }, false],
  ['addresses that are let in', { access: { allow: ['192.0.2.1'] } }, true],
  ['addresses of both kinds', { access: { deny: ['192.0.2.1'], allow: ['192.0.2.0/24'] } }, true],
  ['nobody let in', { access: { allow: [] } }, true],
  ['a password', { basicAuth }, true],
  ['a question', { authRequest }, true],
] as const) {
  const said = { undefined: 'is not guarded', true: 'is private', false: 'is guarded, and for all' }[String(expected)];
  test(`a route with ${what} ${said}`, async () => {
    const route = { ...files, ...guard };
    const guards = await opened([route]);
    assert.equal(guards.size, expected === undefined ? 0 : 1);
    assert.equal(guards.get(route)?.isPrivate, expected);
  });
}

test('a guard has what its route says, made ready, and nothing besides', async () => {
  const limits = new Limits({ a: { rate: '1/s' } });
  const plain: Route = { path: '/plain/', files: '.' };
  const every: Route = { ...files, access: { deny: ['192.0.2.1'] }, basicAuth, authRequest, limits: ['a'] };
  const one: Route = { path: '/one/', files: '.', access: { deny: ['192.0.2.1'] } };
  const guards = await opened([plain, every, one], limits);
  assert.deepEqual([...guards.keys()], [every, one]);
  const guard = guards.get(every);
  assert.deepEqual([guard?.access?.('192.0.2.1'), guard?.access?.('192.0.2.2')], [false, true]);
  assert.deepEqual(guard?.limits?.names, ['a']);
  assert.equal(guard?.limits?.all, limits);
  assert.equal(guard?.basicAuth?.realm, 'r');
  assert.deepEqual(
    [...((await guard?.basicAuth?.list.users()) ?? [])].map(([name]) => name),
    ['ada'],
  );
  assert.equal(guard?.authRequest, authRequest);
  const { limits: none, basicAuth: nor, authRequest: neither } = guards.get(one) ?? {};
  assert.deepEqual([none, nor, neither], [undefined, undefined, undefined]);
});

test('each route has its own users, wherever in the site it stands', async () => {
  await using tree = await fileTree({ users: `bob:${sha}` });
  const byFile: Route = { path: '/b/', files: '.', basicAuth: { realm: 'b', users: join(tree.path, 'users') } };
  const byName: Route = { path: '/a/', files: '.', basicAuth };
  const guards = await opened([files, byFile, files, byName]);
  const names = async (route: Route) => [...((await guards.get(route)?.basicAuth?.list.users()) ?? [])].map(([n]) => n);
  assert.deepEqual([await names(byFile), await names(byName)], [['bob'], ['ada']]);
});

test('passwords are remembered for all routes together', async () => {
  const [one, other]: Route[] = [
    { ...files, basicAuth },
    { path: '/b/', files: '.', basicAuth },
  ];
  const guards = await opened([one, other].filter((route) => route !== undefined));
  assert.equal(guards.get(one)?.basicAuth?.check, guards.get(other)?.basicAuth?.check);
});

test('all files of users that cannot be used are named at once, each with its route, and may be mended', async () => {
  await using tree = await fileTree({ good: `ada:${sha}`, bad: 'ada:secret' });
  const by = (name: string): Route => ({ ...files, basicAuth: { realm: 'r', users: join(tree.path, name) } });
  const refusal = await opened([by('bad'), by('good'), files, by('missing')]).catch((error: unknown) => error);
  assert.ok(refusal instanceof StartProblem);
  assert.equal(refusal.problems.length, 2);
  assert.match(refusal.problems[0] ?? '', /^routes\[0\]\.basicAuth\.users: .*\/bad: line 1: "ada" is no hash/);
  assert.match(refusal.problems[1] ?? '', /^routes\[3\]\.basicAuth\.users: .*\/missing: ENOENT/);
  assert.equal(refusal.message, refusal.problems.join('; '));
  assert.deepEqual([...refusal.files.keys()].sort(), [join(tree.path, 'bad'), join(tree.path, 'missing')]);
});

test('what breaks and is no problem of the user’s stays what it is', async () => {
  const users = new Proxy({}, { ownKeys: () => assert.fail('unforeseen') });
  const bad: Route = { ...files, basicAuth: { realm: 'r', users: '/nonexistent' } };
  await assert.rejects(opened([bad, { ...files, basicAuth: { realm: 'r', users } }]), /unforeseen/);
});
