import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import fc from 'fast-check';
import type { Policy } from './define-policy.ts';
import { ban } from './testing/ban.ts';
import { inBothLanes } from './testing/lanes.ts';
import { edgeStand, type Stand, type StandOptions } from './testing/stand.ts';

const now = Date.UTC(2026, 0, 1);
/** One of these values, or no line of that name. */
const line = (name: string, ...values: string[]) => fc.constantFrom([], ...values.map((value) => [name, value]));
/** Most often no line: what has to be asked of the slow lane must not be in every case. */
const seldom = (name: string, ...values: string[]) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant<string[]>([]) }, line(name, ...values));
const lines = (...each: readonly fc.Arbitrary<string[]>[]) => fc.tuple(...each).map((all) => all.flat());

const lifetime = fc
  .constantFrom('max-age=60', 'max-age=60, public', 's-maxage=60', 'max-age=60, stale-while-revalidate=60', 'no-cache')
  .map((value) => ['Cache-Control', value]);
const response = fc.record({
  status: fc.constantFrom(200, 200, 200, 203, 204, 301, 404, 410, 500),
  fields: lines(
    lifetime,
    line('ETag', '"a"', 'W/"a"', 'none'),
    line('Last-Modified', formatHttpDate(now - 86_400_000), 'never'),
    seldom('Vary', 'Accept-Encoding', 'Accept-Language', 'X-A', 'X-A, Accept-Encoding'),
    line('Content-Type', 'text/html', 'image/png'),
    seldom('Date', formatHttpDate(now - 3000)),
    line('Age', '7'),
    seldom('Set-Cookie', 'a=b'),
    seldom('Cache-Control', 'no-transform'),
    line('Cache-Status', 'far; hit'),
    seldom('Surrogate-Control', 'content="ESI/1.0"'),
    line('No-Vary-Search', 'params'),
    line('X-Odd', 'caf\xe9', '', 'a, b'),
  ),
  coding: fc.constantFrom('', '', '', 'gzip', 'x-gzip', 'deflate'),
  size: fc.constantFrom(0, 10, 3000, 100_000),
});
const askers = [
  line('Accept-Encoding', 'gzip', 'zstd, gzip;q=0.5', 'br'),
  line('Accept-Language', 'de', 'en, de;q=0.1'),
  line('X-A', '1', '2'),
  line('Cookie', 'a=1; utm=2'),
];
const request = fc.record({
  method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const),
  query: fc.constantFrom('', '', '', '', '?b', '?utm_source=x'),
  fields: lines(
    ...askers,
    line('If-None-Match', '"a"', 'W/"a"', '"b"', '*', '"b", "a"', 'none'),
    line('If-Modified-Since', formatHttpDate(now), formatHttpDate(now - 1e9), 'never'),
    seldom('If-Match', '"a"', '*'),
    seldom('If-Unmodified-Since', formatHttpDate(now)),
    seldom('Range', 'bytes=0-4'),
    seldom('Authorization', 'Basic YTpi'),
    seldom('Cache-Control', 'max-age=20', 'min-fresh=50', 'max-stale', 'no-transform', 'only-if-cached'),
    line('Pragma', 'x'),
    line('TE', 'trailers'),
    line('x-debug', 'cache-key'),
  ),
});
const given = fc.record({
  response,
  asker: lines(...askers),
  requests: fc.array(fc.record({ afterMs: fc.constantFrom(0, 0, 400, 2500, 7000, 58_000), request }), {
    minLength: 1,
    maxLength: 5,
  }),
});

type Response = typeof response extends fc.Arbitrary<infer R> ? R : never;

function sent({ fields, coding, size }: Response): { readonly fields: Fields; readonly body: Buffer } {
  const text = Buffer.alloc(size, 'some text, ');
  if (coding === '') return { fields, body: text };
  return { fields: [...fields, 'Content-Encoding', coding], body: coding === 'deflate' ? text : gzipSync(text) };
}

const edges: readonly [name: string, options: StandOptions, prepare?: (stand: Stand) => void][] = [
  ['', {}],
  [' that ignores what clients say of caches', { clientDirectives: 'ignore', serverTiming: false }],
  [' with grace, and no compression', { grace: 30_000, compression: false }],
  [' with a policy', { policy: policy() }],
  [' with bans', {}, (stand) => ['obj.status == 410', 'req.http.x-a == 2'].forEach((text) => void ban(stand, text))],
];

function policy(): Policy {
  return { query: { preset: 'tracking' }, cookies: { remove: ['utm'] }, fetch: () => undefined };
}

for (const [name, options, prepare] of edges) {
  test(`whatever is stored and asked of an edge${name}, the fast lane says what the slow lane says, or nothing`, async () => {
    const content = new Map<string, Response>();
    await using stand = await edgeStand(({ target }, reply) => {
      const found = content.get(target.split('?')[0] ?? '');
      assert.ok(found);
      const { fields, body } = sent(found);
      reply.send(found.status, fields, found.status === 204 ? '' : body);
    }, options);
    prepare?.(stand);
    let n = 0;
    let answers = 0;
    let questions = 0;
    await fc.assert(
      fc.asyncProperty(given, async ({ response, asker, requests }) => {
        n += 1;
        const path = `/${n}`;
        content.set(path, response);
        await stand.ask(path, { headers: headersOf(asker) }).outcome;
        for (const { afterMs, request } of requests) {
          stand.clock.advance(afterMs);
          const { method, query, fields } = request;
          questions += 1;
          // A refresh that ends between the two lanes changes what the second finds.
          await eventually(() => assert.equal(stand.edge.flights.size, 0));
          if ((await inBothLanes(stand, { method, target: path + query, fields })) !== undefined) answers += 1;
        }
      }),
      { numRuns: 150 },
    );
    assert.ok(answers > questions / 8, `the fast lane has answered ${answers} of ${questions}`);
  });
}

function headersOf(fields: Fields): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) headers[fields[i] ?? ''] = fields[i + 1] ?? '';
  return headers;
}
