import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entries, type Fields, field } from '@trivet/kit/semantics/fields.ts';
import type { Policy } from './define-policy.ts';
import { type TriedRequest, testPolicy } from './test-policy.ts';
import { edgeStand } from './testing/stand.ts';

const policy: Policy = {
  receive: ({ path, header }) => {
    if (path === '/gone') return { do: 'synth', status: 410, why: 'gone', body: 'no more', headers: { 'X-Own': '1' } };
    if (path === '/purge') return { do: 'purge' };
    if (path === '/admin') return { do: 'pass', why: 'admin', set: { 'X-Admin': '1' } };
    return { set: { 'x-device': header('user-agent') === 'phone' ? 'phone' : 'desktop' }, remove: ['x-noise'] };
  },
  query: { preset: 'tracking', sort: true },
  cookies: { remove: ['track_*'] },
  fetch: ({ header }) => ({ set: { 'X-Seen': header('x-device') ?? 'none' } }),
  admit: (response) => (response.status === 404 ? { ttl: '10s', tags: ['t'] } : undefined),
  deliver: (response) => ({ set: { 'X-Was': String(response.status) }, remove: ['server'] }),
  synth: (status) => ({ body: `own ${status}` }),
};

type Case = {
  readonly path: string;
  readonly ask?: TriedRequest & { readonly headers?: Readonly<Record<string, string>> };
  readonly answer: { readonly status: number; readonly fields: Readonly<Record<string, string>> };
};

const fresh = { 'cache-control': 'max-age=60', server: 'x' };
const cases: readonly Case[] = [
  { path: '/a?b=2&utm_source=x&a=1', answer: { status: 200, fields: fresh } },
  {
    path: '/a',
    ask: { headers: { 'user-agent': 'phone', 'x-noise': '1' } },
    answer: { status: 200, fields: { ...fresh, vary: 'X-Device' } },
  },
  { path: '/a', ask: { headers: { cookie: 'session=1; track_a=2' } }, answer: { status: 200, fields: fresh } },
  { path: '/a', ask: { headers: { cookie: 'session=1' } }, answer: { status: 200, fields: {} } },
  { path: '/a', ask: { headers: { authorization: 'Basic eA==' } }, answer: { status: 200, fields: fresh } },
  {
    path: '/a',
    ask: { headers: { 'if-none-match': '"x"', 'if-range': '"x"' } },
    answer: { status: 200, fields: fresh },
  },
  { path: '/missing', answer: { status: 404, fields: {} } },
  { path: '/private', answer: { status: 200, fields: { 'cache-control': 'private' } } },
  { path: '/cookie', answer: { status: 200, fields: { ...fresh, 'set-cookie': 'a=1' } } },
  { path: '/error', answer: { status: 500, fields: {} } },
  { path: '/post', ask: { method: 'POST', hasBody: true }, answer: { status: 200, fields: fresh } },
  { path: '/admin', answer: { status: 200, fields: fresh } },
  { path: '/gone', answer: { status: 200, fields: {} } },
  { path: '/purge', answer: { status: 200, fields: {} } },
];

// What every exchange has of its own, and what node:http adds.
const ofTheExchange = new Set([
  'x-request-id',
  'x-forwarded-for',
  'connection',
  'keep-alive',
  'date',
  'server-timing',
  'age',
  'accept-ranges',
  'cache-status',
  'content-length',
  'transfer-encoding',
  'host',
  'x-forwarded-host',
]);

function comparable(fields: Fields): string[] {
  const pairs = [...entries(fields)].map(([name, value]) => [name.toLowerCase(), value] as const);
  return pairs
    .filter(([name]) => !ofTheExchange.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted();
}

/** One request to a real edge, and the same tried. */
async function both({ path, ask = {}, answer }: Case) {
  const fields = Object.entries(answer.fields).flat();
  const { method = 'GET', headers = {}, hasBody } = ask;
  const stand = await edgeStand((_, reply) => reply.send(answer.status, fields, 'body'), { policy });
  const send = () => stand.send(method, path, { headers, ...(hasBody ? { body: 'x' } : {}) });
  const url = `http://127.0.0.1:${stand.port}${path}`;
  const tried = testPolicy(policy, { EDGE_CLIENT_DIRECTIVES: 'honour' }).request(url, ask);
  return { stand, send, tried, real: await send(), [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose]() };
}

type Both = Awaited<ReturnType<typeof both>>;

function sameQuestion({ stand, tried }: Both): void {
  const [asked] = stand.origin.requests;
  assert.deepEqual([asked?.target, asked?.method], [tried.origin?.target, tried.origin?.method]);
  assert.deepEqual(comparable(asked?.fields ?? []), comparable(tried.origin?.fields ?? []));
}

function sameAnswer({ tried, real }: Both, { status, fields }: Case['answer']): void {
  const delivered = tried.deliver(status, fields);
  assert.equal(real.status, delivered.status);
  for (const name of ['x-was', 'server', 'vary', 'cache-control']) {
    assert.equal(real.header(name), delivered.header(name), name);
  }
}

async function sameAdmission({ stand, tried, real, send }: Both, { status, fields }: Case['answer']): Promise<void> {
  const verdict = tried.admit(status, fields);
  const stored = stand.edge.store.peek(tried.key).map(({ vary, variant, tags }) => ({ vary, variant, tags }));
  if (verdict.verdict !== 'store') {
    assert.deepEqual(stored, []);
    const fwd = tried.do === 'lookup' ? 'uri-miss' : /bypass|method/.exec(real.cacheStatus)?.[0];
    assert.ok(real.cacheStatus.startsWith(`edge-cache; fwd=${fwd}`), real.cacheStatus);
    return assert.ok(fwd === 'method' || real.cacheStatus.includes(verdict.why), real.cacheStatus);
  }
  const { vary, variant, tags } = verdict;
  assert.deepEqual(stored, [{ vary, variant, tags }]);
  assert.equal((await send()).cacheStatus, `edge-cache; hit; ttl=${verdict.ttlSeconds}`);
}

describe('what a trial says, the edge does', () => {
  for (const one of cases) {
    test(`${one.path} ${JSON.stringify(one.ask ?? {})} → ${JSON.stringify(one.answer)}`, async () => {
      await using b = await both(one);
      sameQuestion(b);
      if (b.tried.do === 'synth') {
        assert.deepEqual([b.real.status, b.real.body, b.real.header('x-own')], [b.tried.status, b.tried.body, '1']);
      } else if (b.tried.do === 'purge') {
        assert.equal(b.real.body, '{"purged":0}\n');
      } else {
        sameAnswer(b, one.answer);
        await sameAdmission(b, one.answer);
      }
    });
  }
});

test('a trial goes by the settings that it is given, else by their defaults', () => {
  const ask = (given: Parameters<typeof testPolicy>[1]) =>
    testPolicy({}, given).request('/').admit(200, { 'cache-control': 'public', etag: '"a"' });
  assert.deepEqual(ask({ EDGE_DEFAULT_TTL: '10s', EDGE_GRACE: '5s', EDGE_STALE_IF_ERROR: '1m', EDGE_KEEP: '2m' }), {
    verdict: 'store',
    why: 'default',
    ttlSeconds: 10,
    graceSeconds: 5,
    staleIfErrorSeconds: 60,
    keepSeconds: 120,
    tags: [],
    vary: [],
    variant: '',
  });
  assert.partialDeepStrictEqual(ask({}), { ttlSeconds: 0, graceSeconds: 0, staleIfErrorSeconds: 3600 });
});

test('a trial of a policy that would not load says why', () => {
  const wrong = { recieve: () => undefined } as Policy;
  assert.throws(() => testPolicy(wrong), { name: 'PolicyProblem', message: /^recieve is nothing that a policy knows/ });
  assert.throws(() => testPolicy({ backends: { a: { queue: -1 } } }), /backends\.a\.queue is -1/);
});

test('a trial of a hook that fails, fails, and tells what the edge would log', () => {
  const { request } = testPolicy({ fetch: () => ({ backend: 'imgaes' }), backends: { images: {} } });
  assert.throws(() => request('/').origin, {
    name: 'Fault',
    status: 503,
    message: "the policy's hook fetch failed",
    cause: new TypeError('there is no backend "imgaes"; there is default, images'),
  });
});

test('an upgrade is piped, a PURGE by a stranger refused', () => {
  const { request } = testPolicy({});
  assert.deepEqual([request('/', { isUpgrade: true }).do, request('/', { isUpgrade: true }).why], ['pipe', 'upgrade']);
  const purge = request('/', { method: 'PURGE', client: '192.0.2.1' });
  assert.deepEqual([purge.do, purge.status, purge.why], ['synth', 403, 'purge-denied']);
  assert.equal(request('/', { method: 'PURGE' }).do, 'purge');
});

test('a field that has several lines has them in a trial too', () => {
  const { request } = testPolicy({});
  const answer = request('/').admit(200, { 'cache-control': ['max-age=60', 'private'] });
  assert.deepEqual(answer, { verdict: 'pass', why: 'private' });
  assert.equal(field(request('/').origin?.fields ?? [], 'via'), '1.1 edge-cache');
});
