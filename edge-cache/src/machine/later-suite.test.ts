// What the later versions of http-cache-tests ask for beyond the one that is on npm (docs/conformance.md), put in our own
// words and asked on the wire: two requests, time between them, and who answered the second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, numbered, type Stand } from '../testing/stand.ts';

const SECOND = 1000;
/** The clock of a stand begins here. */
const start = Date.UTC(2026, 0, 1);
const date = ['Date', formatHttpDate(start)];
const inSeconds = (seconds: number) => formatHttpDate(start + seconds * SECOND);

const cdn = (value: string, ...fields: string[]) => ['CDN-Cache-Control', value, ...fields];
const cc = (value: string, ...fields: string[]) => ['Cache-Control', value, ...fields];
const fresh = cc('max-age=3600', 'Expires', inSeconds(3600), ...date);

type Row = readonly [what: string, reply: readonly string[], answer: 'reused' | 'asked for again'];

const targeted: readonly Row[] = [
  ['a lifetime', cdn('max-age=3600'), 'reused'],
  ['a lifetime of 2^31 s', cdn('max-age=2147483648'), 'reused'],
  ['a lifetime beyond 2^31 s', cdn('max-age=99999999999'), 'reused'],
  ['a lifetime that its Age exceeds', cdn('max-age=3600', 'Age', '7200', ...date), 'asked for again'],
  ['a lifetime of 0', cdn('max-age=0'), 'asked for again'],
  [
    'a lifetime of 0 beside a later Expires',
    cdn('max-age=0', 'Expires', inSeconds(10_000), ...date),
    'asked for again',
  ],
  ['a lifetime beside what nobody knows', cdn('foobar, max-age=3600'), 'reused'],
  ['a lifetime beside a past Expires', cdn('max-age=3600', 'Expires', inSeconds(-10_000), ...date), 'reused'],
  ['a lifetime beside an invalid Expires', cdn('max-age=3600', 'Expires', '0', ...date), 'reused'],
  ['a long lifetime over a short one', cdn('max-age=3600', ...cc('max-age=1')), 'reused'],
  ['a short lifetime over a long one', cdn('max-age=1', ...cc('max-age=3600')), 'asked for again'],
  ['a lifetime over no-store', cdn('max-age=10000', ...cc('no-store')), 'reused'],
  ['private over a lifetime', cdn('private', ...fresh), 'asked for again'],
  ['no-cache over a lifetime', cdn('no-cache', ...fresh), 'asked for again'],
  ['no-store over a lifetime', cdn('no-store', ...fresh), 'asked for again'],
  ['no Dictionary over no-store', cdn('max-age=10000, &&&&&', ...cc('no-store')), 'asked for again'],
  ['a lifetime that is a string over no-store', cdn('max-age="10000"', ...cc('no-store')), 'asked for again'],
  ['a space before the = over a short lifetime', cdn('max-age =100', ...cc('max-age=1')), 'asked for again'],
  ['a space after the = over a short lifetime', cdn('max-age= 100', ...cc('max-age=1')), 'asked for again'],
];

const aged = (...ages: string[]) => [...cc('max-age=7000', ...date), ...ages.flatMap((age) => ['Age', age])];
const ages: readonly Row[] = [
  ['no number', aged('abc'), 'reused'],
  ['a negative number', aged('-7200'), 'reused'],
  ['a fraction', aged('7200.0'), 'reused'],
  ['2^31 - 1', aged('2147483647'), 'asked for again'],
  ['2^31', aged('2147483648'), 'asked for again'],
  ['2^31 + 1', aged('2147483649'), 'asked for again'],
  ['old, then 0, in a line', aged('7200, 0'), 'asked for again'],
  ['0, then old, in a line', aged('0, 7200'), 'reused'],
  ['old, then 0, in two lines', aged('7200', '0'), 'asked for again'],
  ['0, then old, in two lines', aged('0', '7200'), 'reused'],
  ['0 twice in a line', aged('0, 0'), 'reused'],
  ['0 in two lines', aged('0', '0'), 'reused'],
  ['not old, in two lines', aged('3600', '3600'), 'reused'],
];

const expires = (...values: string[]) => [...values.flatMap((value) => ['Expires', value]), ...date];
const dates: readonly Row[] = [
  ['beyond 2038', expires('Tue, 19 Jan 2038 14:14:08 GMT'), 'reused'],
  ['beyond 2286', expires('Sun, 21 Nov 2286 04:46:39 GMT'), 'reused'],
  ['in the form of RFC 850', expires('Thursday, 18-Aug-50 02:01:18 GMT'), 'reused'],
  ['in the form of asctime', expires('Thu Aug  8 02:01:18 2050'), 'reused'],
  ['with the weekday in upper case', expires('THU, 18 Aug 2050 02:01:18 GMT'), 'reused'],
  ['with the month in upper case', expires('Thu, 18 AUG 2050 02:01:18 GMT'), 'reused'],
  ['with the zone in lower case', expires('Thu, 18 Aug 2050 02:01:18 gMT'), 'reused'],
  ['in UTC', expires('Thu, 18 Aug 2050 02:01:18 UTC'), 'asked for again'],
  ['in another zone', expires('Thu, 18 Aug 2050 02:01:18 AEST'), 'asked for again'],
  ['with two digits of the year', expires('Thu, 18 Aug 50 02:01:18 GMT'), 'asked for again'],
  ['without a comma', expires('Thu 18 Aug 2050 02:01:18 GMT'), 'asked for again'],
  ['with more spaces', expires('Thu, 18  Aug  2050 02:01:18 GMT'), 'asked for again'],
  ['with dashes', expires('Thu, 18-Aug-2050 02:01:18 GMT'), 'asked for again'],
  ['with periods', expires('Thu, 18 Aug 2050 02.01.18 GMT'), 'asked for again'],
  ['with one digit of the hour', expires('Thu, 18 Aug 2050 2:01:18 GMT'), 'asked for again'],
  ['in two lines', expires('Thu, 18 Aug 2050 02:01:18 GMT', 'Thu, 18 Aug 2050 02:01:19 GMT'), 'asked for again'],
];

for (const [field, rows] of [
  ['CDN-Cache-Control says', targeted],
  ['Age is', ages],
  ['Expires is', dates],
] as const) {
  for (const [what, reply, answer] of rows) {
    test(`where ${field} ${what}, it is ${answer}`, async () => {
      await using stand = await edgeStand(numbered(() => ({ fields: reply })));
      await stand.get('/');
      stand.clock.advance(3 * SECOND);
      assert.equal((await stand.get('/')).body, answer === 'reused' ? 'answer 1' : 'answer 2');
    });
  }
}

test('beyond the lifetime for clients, the targeted field, Date and Expires are theirs to see, and the Age is true', async () => {
  const reply = cdn('max-age=10000', ...cc('max-age=1'), 'Expires', inSeconds(1), ...date);
  await using stand = await edgeStand(numbered(() => ({ fields: reply })));
  await stand.get('/');
  stand.clock.advance(3 * SECOND);
  const hit = await stand.get('/');
  const seen = ['cdn-cache-control', 'date', 'expires', 'age'].map((name) => hit.header(name));
  assert.deepEqual(seen, ['max-age=10000', inSeconds(0), inSeconds(1), '3']);
});

const forbidding = ['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=2'];
for (const directive of forbidding) {
  test(`where ${directive} forbids stale, a closed connection is an error with nothing of what is stored`, async () => {
    await using stand = await edgeStand((_, reply) => {
      if (stand.origin.requests.length === 1) reply.send(200, cc(`max-age=2, ${directive}`, 'X-Stored', '1'), 'stored');
      else reply.break();
    });
    await stand.get('/');
    stand.clock.advance(3 * SECOND);
    const answer = await stand.get('/');
    assert.deepEqual([answer.status, answer.header('x-stored')], [502, undefined]);
    assert.doesNotMatch(answer.body, /stored/);
  });
}

test('past its stale-while-revalidate nothing is given stale, not even the answer that the refresh brought', async () => {
  const swr = cc('max-age=1, stale-while-revalidate=4', 'ETag', '"a"');
  await using stand = await edgeStand(numbered((n) => ({ fields: n === 1 ? swr : cc('no-cache', 'ETag', '"b"') })));
  await stand.get('/');
  stand.clock.advance(3 * SECOND);
  assert.equal((await stand.get('/')).body, 'answer 1');
  await settled(stand);
  stand.clock.advance(3 * SECOND);
  assert.equal((await stand.get('/')).body, 'answer 3');
});

test('past its stale-if-error an error is an error', async () => {
  await using stand = await edgeStand(
    numbered((n) => (n === 1 ? { fields: cc('max-age=0, stale-if-error=1') } : { status: 500 })),
  );
  await stand.get('/');
  stand.clock.advance(3 * SECOND);
  assert.equal((await stand.get('/')).status, 500);
});

// RFC 9111 §5.1: an Age says that it was not made for this request, so whoever waited sees none.
test('an answer that was long in coming is as old as it took for the next, and new to the one that waited', async () => {
  await using stand = await edgeStand((_, reply) => {
    stand.clock.advance(5 * SECOND);
    reply.send(200, cc('max-age=3600', ...date), 'slow');
  });
  const ages = [await stand.get('/'), await stand.get('/')].map((answer) => answer.header('age'));
  assert.deepEqual(ages, [undefined, '5']);
});

const interim: readonly [status: number, fields: readonly string[]][] = [
  [102, []],
  [103, ['Link', '</styles.css>; rel=preload; as=style', 'X-My-Header', 'test']],
];
for (const [status, fields] of interim) {
  test(`a ${status} reaches the client that waits, and is no part of what is stored`, async () => {
    await using stand = await edgeStand((_, reply) => {
      reply.interim(status, fields);
      reply.send(200, cc('max-age=100000'), 'final');
    });
    const first = stand.ask('/', { headers: { host: 'h' } });
    assert.equal((await first.whole()).header('x-my-header'), undefined);
    const got = first.interim.map((one) => [one.status, one.header('link'), one.header('x-my-header')]);
    assert.deepEqual(got, [[status, fields[1], fields[3]]]);
    const second = stand.ask('/', { headers: { host: 'h' } });
    const hit = await second.whole();
    assert.match(hit.cacheStatus, /; hit;/);
    assert.deepEqual([hit.header('x-my-header'), hit.header('link'), second.interim.length], [undefined, undefined, 0]);
  });
}

const understood: readonly [status: number, requests: number][] = [
  [200, 1],
  [599, 2],
];
for (const [status, requests] of understood) {
  test(`with no-store and must-understand a ${status} is asked for ${requests === 1 ? 'once' : 'each time'}`, async () => {
    const fields = cc('max-age=3600, no-store, must-understand');
    await using stand = await edgeStand(numbered(() => ({ status, fields })));
    await stand.get('/');
    await stand.get('/');
    assert.equal(stand.origin.requests.length, requests);
  });
}

async function settled(stand: Stand): Promise<void> {
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
}
