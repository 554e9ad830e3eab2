import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listenSomewhere } from '../testing/place.ts';
import { type Complaint, complaintOf, underSetting } from './complaint.ts';
import { StartProblem } from './load-file.ts';
import { SettingsProblem } from './settings.ts';
import type { Address } from './units.ts';

type Details = {
  code?: string;
  syscall?: string;
  address?: string;
  port?: number;
  hostname?: string;
  stack?: string | undefined;
};

const failing = (details: Details) => Object.assign(new Error('it failed'), { stack: 'the whole stack' }, details);

test('of several errors each has its line, and what the user is to mend is to be mended', () => {
  const inUse = failing({ code: 'EADDRINUSE', syscall: 'listen', address: '::1', port: 80 });
  const [first, second] = ['[::1]:80 is in use by another process', 'a is wrong'];
  const both = new AggregateError([inUse, new StartProblem(second)]);
  assert.deepEqual(complaintOf(both), { problems: [first, second], code: 78 });
  assert.deepEqual(complaintOf(new AggregateError([inUse])), { problems: [first], code: 1 });
  assert.equal(complaintOf(new AggregateError([])).code, 1);
});

const tcp = { address: '127.0.0.1', port: 8080 };
// A place where this user may make a socket: nothing else is found to be wrong.
const free = join(tmpdir(), 'trivet-none.sock');
const unix = { address: free, port: -1 };

const lines: [details: Details, line: string][] = [
  [{ code: 'EADDRINUSE', syscall: 'listen', ...tcp }, '127.0.0.1:8080 is in use by another process'],
  [{ code: 'EADDRINUSE', syscall: 'listen', address: '::1', port: 80 }, '[::1]:80 is in use by another process'],
  [{ code: 'EADDRINUSE', syscall: 'bind', ...tcp }, '127.0.0.1:8080 is in use by another process'],
  [{ code: 'EADDRINUSE', ...tcp }, '127.0.0.1:8080 is in use by another process'],
  [{ code: 'EADDRINUSE', syscall: 'listen', ...unix }, `unix:${free} is in use by another process`],
  [{ code: 'EADDRINUSE', syscall: 'listen', address: free }, `unix:${free} is in use by another process`],
  [{ code: 'EADDRINUSE', syscall: 'listen', address: 'h', port: 0 }, 'h:0 is in use by another process'],
  [{ code: 'EADDRINUSE', syscall: 'listen' }, 'unix: is in use by another process'],
  [{ code: 'EACCES', syscall: 'listen', ...tcp }, '127.0.0.1:8080: this user may not listen there'],
  [{ code: 'EACCES', syscall: 'bind', ...tcp }, '127.0.0.1:8080: this user may not listen there'],
  [{ code: 'EACCES', syscall: 'listen', address: 'h', port: 0 }, 'h:0: this user may not listen there'],
  [
    { code: 'EACCES', syscall: 'listen', ...unix },
    `unix:${free}: there is no such folder, or this user may not listen there`,
  ],
  [
    { code: 'EACCES', syscall: 'bind', address: free },
    `unix:${free}: there is no such folder, or this user may not listen there`,
  ],
  [{ code: 'EADDRNOTAVAIL', syscall: 'listen', ...tcp }, '127.0.0.1:8080: this machine has no such address'],
  [{ code: 'EADDRNOTAVAIL', syscall: 'bind', ...tcp }, '127.0.0.1:8080: this machine has no such address'],
  [
    { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'foo' },
    'there is no address for the name "foo" (ENOTFOUND); listen on an address of this machine, such as 127.0.0.1',
  ],
  // Of what else keeps it from listening the message says all there is.
  [{ code: 'EADDRNOTAVAIL', syscall: 'connect', ...tcp }, 'the whole stack'],
  [{ syscall: 'listen' }, 'it failed'],
  // What nobody foresaw is for whoever mends it.
  [{ code: 'EACCES', syscall: 'open' }, 'the whole stack'],
  [{ code: 'EACCES' }, 'the whole stack'],
  [{ code: 'ENOENT', syscall: 'open' }, 'the whole stack'],
  [{}, 'the whole stack'],
  [{ stack: undefined }, 'it failed'],
];

for (const [details, line] of lines) {
  test(`${JSON.stringify(details)} is told as "${line}", and is nobody's setting`, () => {
    assert.deepEqual(complaintOf(failing(details)), { problems: [line], code: 1 });
  });
}

const listen = { kind: 'tcp', host: 'a.test', port: 8080 } as const;
const advice = 'stop what listens there, or choose another address';
const nobody =
  'there is no address for the name "a.test" (ENOTFOUND); listen on an address of this machine, such as 127.0.0.1';

for (const [what, at, details, line] of [
  ['a port', listen, { code: 'EADDRINUSE', ...tcp }, `A_LISTEN: 127.0.0.1:8080 is in use; ${advice}`],
  [
    'a port',
    listen,
    { code: 'EACCES', syscall: 'bind', ...tcp },
    'A_LISTEN: 127.0.0.1:8080: this user may not listen there',
  ],
  ['a name', listen, { code: 'ENOTFOUND', hostname: 'a.test' }, `A_LISTEN: ${nobody}`],
  [
    'a Unix socket',
    { kind: 'unix', path: free },
    { code: 'EADDRINUSE', ...unix },
    `A_LISTEN: unix:${free} is in use; ${advice}`,
  ],
  [
    'another port',
    { ...listen, port: 1 },
    { code: 'EADDRINUSE', ...tcp },
    '127.0.0.1:8080 is in use by another process',
  ],
  [
    'another socket',
    { kind: 'unix', path: '/x' },
    { code: 'EADDRINUSE', ...unix },
    `unix:${free} is in use by another process`,
  ],
  ['what is no place', listen, { syscall: 'listen' }, 'it failed'],
] as const satisfies [string, Address, Details, string][]) {
  test(`under a setting, ${details.code ?? 'a failure'} of ${what} is told as "${line}"`, async () => {
    const error = await underSetting('A_LISTEN', at, Promise.reject(failing(details))).catch((cause: unknown) => cause);
    assert.deepEqual(complaintOf(error), { problems: [line], code: 1 });
  });
}

test('under a setting, what is no error is thrown on as it is', async () => {
  await assert.rejects(underSetting('A_LISTEN', listen, Promise.reject('text')), (cause) => cause === 'text');
  assert.equal(await underSetting('A_LISTEN', listen, Promise.resolve(7)), 7);
});

for (const thrown of ['text', 7, null, undefined]) {
  test(`what is thrown and is no error, ${JSON.stringify(thrown)}, is told as it is`, () => {
    assert.deepEqual(complaintOf(thrown), { problems: [String(thrown)], code: 1 });
  });
}

test('settings that are wrong are told one by one, and end it with 78', () => {
  const problems = ['A: no', 'B: neither'];
  assert.deepEqual(complaintOf(new SettingsProblem(problems)), { problems, code: 78 });
});

test('a file that is wrong is told without the way there, and ends it with 78', () => {
  const problem = new StartProblem('FRONT_SITE: there is no file /x', { cause: failing({}) });
  assert.deepEqual(complaintOf(problem), { problems: ['FRONT_SITE: there is no file /x'], code: 78 });
});

/** What the system says when a server cannot listen there. */
async function refusal(where: { port: number; host: string } | { path: string }): Promise<unknown> {
  const server = createServer().listen(where);
  const [error] = await once(server, 'error');
  return error;
}

test('what the system itself says of a port that is taken is understood', async () => {
  await using taken = createServer();
  const { port } = await listenSomewhere(taken);
  const { problems } = complaintOf(await refusal({ port, host: '127.0.0.1' }));
  assert.deepEqual(problems, [`127.0.0.1:${port} is in use by another process`]);
});

test('what the system itself says of a folder that is not there is understood', async () => {
  const path = '/there/is/no/such/folder/app.sock';
  const { problems } = complaintOf(await refusal({ path }));
  assert.deepEqual(problems, [`unix:${path}: there is no folder /there`]);
});

/** A process that complains and does nothing else. */
function complaining(name: string, complaint: Complaint) {
  const here = JSON.stringify(new URL('./complaint.ts', import.meta.url));
  const text = `import { complain } from ${here}; complain(...JSON.parse(process.argv[1])); console.log('goes on');`;
  const args = ['--input-type=module', '-e', text, JSON.stringify([name, complaint])];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  return { status, stderr, stdout };
}

for (const [problems, code, stderr] of [
  [['A: no', 'B: neither'], 78, 'edge-cache: A: no\nedge-cache: B: neither\n'],
  [['127.0.0.1:1 is in use by another process'], 1, 'edge-cache: 127.0.0.1:1 is in use by another process\n'],
  [[], 3, ''],
] as const) {
  test(`${problems.length} problems are as many lines on standard error; the process ends with ${code}, in its time`, () => {
    assert.deepEqual(complaining('edge-cache', { problems, code }), { status: code, stderr, stdout: 'goes on\n' });
  });
}
