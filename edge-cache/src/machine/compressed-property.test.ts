import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import fc from 'fast-check';
import type { Whole } from '../testing/client.ts';
import { decoded } from '../testing/decoded.ts';
import { edgeStand } from '../testing/stand.ts';

const weight = fc.constantFrom('', ';q=1', ';q=0.5', ';q=0.001', ';q=0');
const member = fc.tuple(fc.constantFrom('gzip', 'x-gzip', 'br', 'zstd', 'deflate', 'identity', '*'), weight);
const acceptEncoding = fc.option(
  fc.array(member, { maxLength: 5 }).map((members) => members.map((parts) => parts.join('')).join(', ')),
);
const piece = fc.oneof(
  fc.record({ size: fc.nat(3000), byte: fc.nat(255) }).map(({ size, byte }) => Buffer.alloc(size, byte)),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record({ size: fc.nat(100_000), seed: fc.uint8Array({ minLength: 1, maxLength: 50 }) })
    .map(({ size, seed }) => Buffer.alloc(size, seed)),
);
const given = fc.record({
  pieces: fc.array(piece, { maxLength: 8 }),
  pauses: fc.boolean(),
  isAnnounced: fc.boolean(),
  clients: fc.array(acceptEncoding, { minLength: 1, maxLength: 4 }),
});

function mayHave({ header }: Whole, accepted: string | null): boolean {
  const coding = header('content-encoding');
  if (coding === undefined) return true;
  const members = (accepted ?? '').split(', ').map((text) => text.replace('x-gzip', 'gzip'));
  return members.some((text) => [coding, '*'].includes(text.split(';')[0] ?? '') && !text.endsWith(';q=0'));
}

test('whatever is sent in whatever pieces, to whoever takes what, it is what the origin sent', async () => {
  const bodies = new Map<string, { pieces: readonly Buffer[]; pauses: boolean; isAnnounced: boolean }>();
  await using stand = await edgeStand(async ({ target }, reply) => {
    const { pieces, pauses, isAnnounced } = bodies.get(target) ?? assert.fail(target);
    const length = pieces.reduce((sum, { length }) => sum + length, 0);
    const framing = isAnnounced ? ['Content-Length', String(length)] : [];
    reply.head(200, ['Cache-Control', 'max-age=60', 'Content-Type', 'text/plain', 'ETag', '"a"', ...framing]);
    for (const bytes of pieces) {
      const written = reply.write(bytes);
      if (pauses) await written;
    }
    reply.end();
  });
  let n = 0;
  const property = fc.asyncProperty(given, async ({ clients, ...body }) => {
    n += 1;
    const path = `/${n}`;
    bodies.set(path, body);
    const expected = Buffer.concat(body.pieces);
    const ask = (accepted: string | null) => stand.get(path, accepted === null ? {} : { 'accept-encoding': accepted });
    for (const round of ['fetched', 'stored']) {
      const answers = await Promise.all(clients.map(async (accepted) => ({ accepted, whole: await ask(accepted) })));
      for (const { accepted, whole } of answers) {
        assert.ok(decoded(whole).equals(expected), `${round} for ${accepted}`);
        assert.ok(mayHave(whole, accepted), `${accepted} got ${whole.header('content-encoding')}`);
        assert.equal(whole.header('etag'), whole.header('content-encoding') === undefined ? '"a"' : 'W/"a"');
      }
      await eventually(() => assert.equal(stand.edge.flights.size, 0));
    }
    assert.equal(stand.origin.requests.length, n);
  });
  await fc.assert(property, { numRuns: 60 });
});
