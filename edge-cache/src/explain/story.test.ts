import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminStand } from '../testing/admin-stand.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const open = () =>
  edgeStand(numbered(() => ({ fields: ['Cache-Control', 'max-age=60', 'Vary', 'X-V, Accept-Language'] })));

test('explain is also to be read', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a', { 'accept-language': 'de' });
  stand.clock.advance(61_000);
  const url = `http://127.0.0.1:${stand.port}/a`;
  const asked = `${admin.url}/explain?${new URLSearchParams({ url, header: 'Accept-Language: fr' })}`;
  const response = await fetch(`${asked}&format=text`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
  const text = await response.text();
  for (const line of [
    /^request +GET http:\/\/127\.0\.0\.1:\d+\/a from 127\.0\.0\.1$/m,
    /^received +lookup: the store is asked \(built-in\)$/m,
    /^stored 1 +200, 8 bytes, 61 s old$/m,
    /^ +does not match: the request says something else in accept-language$/m,
    /^ +accept-language: stored "de", asked "fr"$/m,
    /^ +fresh 60 s \(max-age=60 in cache-control\), until 2026-01-01T00:01:00\.000Z \(1 s ago\)$/m,
    /^ +now revalidate: it is stale, and has to be validated$/m,
    /^lookup +fetch \(fwd=vary-miss\): what is stored was selected by other request fields$/m,
    /^last answer +200 at 2026-01-01T00:00:00\.000Z: edge-cache; fwd=uri-miss; stored$/m,
    /^last fetch +the origin said 200 .*: store, its lifetime came from: max-age$/m,
  ]) {
    assert.match(text, line);
  }
  const accepted = await fetch(asked, { headers: { accept: 'text/plain' } });
  assert.equal(await accepted.text(), text);
  const preferred = await fetch(`${asked}&format=json`, { headers: { accept: 'text/plain' } });
  assert.match(preferred.headers.get('content-type') ?? '', /^application\/json/);
});

test('the text tells what does not count, what failed, and what would be stored', async () => {
  let isBroken = false;
  await using stand = await edgeStand(
    (_, reply) => {
      if (isBroken) reply.break();
      else reply.send(200, ['Cache-Control', 'max-age=1, stale-if-error=60', 'Cache-Tag', 'a, b'], 'x');
    },
    { clientDirectives: 'ignore', policy: { query: { remove: ['utm_*'] } } },
  );
  await using admin = await adminStand(stand);
  await stand.get('/a');
  isBroken = true;
  stand.clock.advance(5000);
  await stand.get('/a');
  const asked = new URLSearchParams([
    ['url', `http://127.0.0.1:${stand.port}/a?utm_x=1`],
    ['header', 'Cache-Control: no-cache'],
    ['response-header', 'Cache-Control: max-age=10'],
    ['response-header', 'Vary: Accept'],
    ['format', 'text'],
  ]);
  const text = await (await fetch(`${admin.url}/explain?${asked}`)).text();
  for (const line of [
    /^ +\(does not count as it was sent\) Cache-Control: no-cache$/m,
    /^directives +not honoured: EDGE_CLIENT_DIRECTIVES=ignore$/m,
    /^ +without utm_x=1, which the policy does not count$/m,
    /^ +stale on error 60 s \(stale-if-error=60\), until .* \(in 56 s\)$/m,
    /^ +tags a b$/m,
    /^ +back-off: a refresh failed a moment ago, the origin is left alone$/m,
    /^lookup +deliver: the origin failed, and the stale response stands in$/m,
    /^such a response would be stored: max-age=10 in cache-control$/m,
    /^ +selected by accept$/m,
  ]) {
    assert.match(text, line);
  }
});
