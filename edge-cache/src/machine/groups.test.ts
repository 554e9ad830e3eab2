import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeStand } from '../testing/stand.ts';

const inGroup = (group: string) => ['Cache-Control', 'max-age=60', 'Cache-Groups', `"${group}"`];

/** An origin with two members of a group, one that has the name as another tag, and one of another group. */
async function stand(answer: { readonly status?: number; readonly fields?: readonly string[] }) {
  const open = await edgeStand((request, reply) => {
    if (request.method === 'POST') return void reply.send(answer.status ?? 200, answer.fields);
    if (request.target === '/tagged') return void reply.send(200, ['Cache-Control', 'max-age=60', 'Cache-Tag', 'x']);
    reply.send(200, inGroup(request.target === '/other' ? 'y' : 'x'));
  });
  for (const path of ['/a', '/b', '/tagged', '/other']) await open.get(path);
  return open;
}

async function stored(open: Awaited<ReturnType<typeof stand>>): Promise<string[]> {
  const kept: string[] = [];
  for (const path of ['/a', '/b', '/tagged', '/other']) {
    const { cacheStatus } = await open.get(path, { 'cache-control': 'only-if-cached' });
    if (cacheStatus.includes('hit')) kept.push(path);
  }
  return kept;
}

for (const [what, path, answer, kept] of [
  ['names a group takes its members', '/z', { fields: ['Cache-Group-Invalidation', '"x"'] }, ['/tagged', '/other']],
  ['names two takes both', '/z', { fields: ['Cache-Group-Invalidation', '"x", "y"'] }, ['/tagged']],
  ['names none takes none', '/z', {}, ['/a', '/b', '/tagged', '/other']],
  ['changes a member takes its group', '/a', {}, ['/tagged', '/other']],
  [
    'fails takes none',
    '/z',
    { status: 500, fields: ['Cache-Group-Invalidation', '"x"'] },
    ['/a', '/b', '/tagged', '/other'],
  ],
  ['has no list takes none', '/z', { fields: ['Cache-Group-Invalidation', '"x'] }, ['/a', '/b', '/tagged', '/other']],
] as const) {
  test(`an unsafe method whose answer ${what}`, async () => {
    await using open = await stand(answer);
    await open.send('POST', path, { body: 'x' });
    assert.deepEqual(await stored(open), kept);
  });
}

test('what a safe method answers of groups is ignored', async () => {
  await using open = await edgeStand((_, reply) => {
    reply.send(200, [...inGroup('x'), 'Cache-Group-Invalidation', '"x"']);
  });
  await open.get('/a');
  await open.get('/b');
  assert.match((await open.get('/a')).cacheStatus, /hit/);
});

test('[case 42] another host has groups of its own', async () => {
  await using open = await stand({ fields: ['Cache-Group-Invalidation', '"x"'] });
  await open.send('POST', '/z', { body: 'x', headers: { host: 'elsewhere.example' } });
  assert.deepEqual(await stored(open), ['/a', '/b', '/tagged', '/other']);
});

test('[case 36] [case 42] an answer that was asked for before its group was invalidated is not stored', async () => {
  const { promise: opened, resolve: answer } = Promise.withResolvers<void>();
  await using open = await edgeStand(async (request, reply) => {
    if (request.method === 'POST') return void reply.send(200, ['Cache-Group-Invalidation', '"x"']);
    await opened;
    reply.send(200, inGroup('x'));
  });
  const asking = open.ask('/a');
  await open.begun(1);
  await open.send('POST', '/z', { body: 'x' });
  answer();
  assert.equal((await asking.whole()).status, 200);
  assert.match((await open.get('/a')).cacheStatus, /fwd=uri-miss/);
});
