import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

test('explain shows a response that was stored for another query and answers for this one too', async () => {
  await using stand = await edgeStand(
    numbered(() => ({ fields: ['Cache-Control', 'max-age=60', 'No-Vary-Search', 'params=("utm")'] })),
  );
  await using admin = await adminStand(stand);
  await stand.get('/a?utm=1', { host: 'h' });
  const { body } = await admin.explain({ url: 'http://h/a?utm=2' });
  assert.partialDeepStrictEqual(body, { lookup: { do: 'deliver', selected: 0 }, variants: [{ url: 'h/a?utm=1' }] });
});

test('explain says of a variant that it is as welcome as another though its words differ', async () => {
  const fields = ['Cache-Control', 'max-age=60', 'Vary', 'Accept-Language', 'Content-Language', 'de'];
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await using admin = await adminStand(stand);
  await stand.get('/a', { host: 'h', 'accept-language': 'de' });
  const { body } = await admin.explain({ url: 'http://h/a', header: 'Accept-Language: de, fr;q=0.5' });
  assert.partialDeepStrictEqual(body, {
    lookup: { do: 'deliver', selected: 0 },
    variants: [{ matches: true, selecting: [{ field: 'accept-language', matches: false }] }],
  });
});

test('explain tells which part a stored part is', async () => {
  await using stand = await edgeStand((_, reply) =>
    reply.send(206, ['Cache-Control', 'max-age=60', 'ETag', '"e"', 'Content-Range', 'bytes 0-3/10'], '0123'),
  );
  await using admin = await adminStand(stand);
  await stand.get('/a', { host: 'h', range: 'bytes=0-3' });
  const { body } = await admin.explain({ url: 'http://h/a', header: 'Range: bytes=0-3' });
  assert.partialDeepStrictEqual(body, {
    lookup: { do: 'deliver-parts' },
    variants: [{ part: { first: 0, last: 3, size: 10 } }],
  });
});
