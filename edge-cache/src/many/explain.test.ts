import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manyStand, type ScriptedWorker, says } from '../testing/many-stand.ts';
import { explainRoute, type Knowing } from './explain.ts';

const breaks: ScriptedWorker = {};

/** Knows so many variants, and tells in the form that it is asked for. */
function knows(variants: number, asked: string[] = []): ScriptedWorker {
  const known: Knowing = { variants: Array.from({ length: variants }), last: null };
  return {
    admin(request, response) {
      asked.push(`${request.url} ${request.headers.accept}`);
      const isText = /format=text|^[^&]* text/.test(asked.at(-1) ?? '');
      response.writeHead(200, { 'content-type': isText ? 'text/plain' : 'application/json' });
      response.end(isText ? `${variants} variants` : JSON.stringify({ ...known, knows: variants }));
    },
  };
}

for (const [asked, accept, type, text] of [
  ['/explain?url=/a', 'application/json', 'application/json', '"knows":2'],
  ['/explain?url=/a&format=text', '*/*', 'text/plain', '2 variants'],
  ['/explain?url=/a', 'text/plain', 'text/plain', '2 variants'],
] as const) {
  test(`${asked} with Accept: ${accept} is answered in ${type}, by the worker that knows best`, async () => {
    const [first, second]: [string[], string[]] = [[], []];
    await using stand = await manyStand([knows(0, first), knows(2, second)], explainRoute);
    const response = await fetch(stand.url + asked, { headers: { accept } });
    assert.equal(response.headers.get('content-type'), `${type}; charset=utf-8`);
    assert.ok((await response.text()).includes(text));
    // To be compared, they answer in JSON.
    assert.deepEqual(first, ['/explain?url=%2Fa&format=json application/json']);
    assert.deepEqual(second, [...first, `${asked} ${accept}`]);
  });
}

test('a format that there is not is for the workers to refuse', async () => {
  const asked: string[] = [];
  const refuses: ScriptedWorker = {
    admin(request, response) {
      asked.push(String(request.url));
      says({ error: 'no such format' }, 400)(request, response);
    },
  };
  await using stand = await manyStand([knows(1), refuses], explainRoute);
  const said = await stand.json('/explain?format=xml');
  assert.deepEqual(said, { status: 400, body: { error: 'no such format' } });
  assert.deepEqual(asked, ['/explain?format=xml']);
});

test('a worker that ends before it can say it again has said it', async () => {
  let times = 0;
  const dies: ScriptedWorker = {
    admin(request, response) {
      times += 1;
      if (times === 1) says({ variants: [1], last: null })(request, response);
      else request.socket.destroy();
    },
  };
  await using stand = await manyStand([knows(0), dies], explainRoute);
  assert.deepEqual((await stand.json('/explain?url=/')).body, { variants: [1], last: null });
});

test('a worker that is gone is left out, and where none is there nobody explains', async () => {
  await using stand = await manyStand([breaks, knows(1)], explainRoute);
  assert.partialDeepStrictEqual((await stand.json('/explain?url=/&format=json')).body, { knows: 1 });
  stand.leave(2);
  assert.equal((await stand.json('/explain?url=/&format=json')).status, 503);
});

test('a worker that hangs does not keep the others from explaining', async () => {
  const hangs: ScriptedWorker = { admin: () => undefined };
  await using stand = await manyStand([hangs, knows(1)], explainRoute);
  assert.partialDeepStrictEqual((await stand.json('/explain?url=/&format=json')).body, { knows: 1 });
});
