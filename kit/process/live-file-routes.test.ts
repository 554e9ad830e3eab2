import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import express from 'express';
import { liveFileStand, text } from '../testing/live-file-stand.ts';
import { listenSomewhere } from '../testing/place.ts';
import { liveFileRoutes } from './live-file-routes.ts';

/** The routes of a file that exports `a`, under `/site`. */
async function routes() {
  await using building = new AsyncDisposableStack();
  const stand = building.use(await liveFileStand({ 'site.ts': text('a') }));
  const file = await stand.open();
  const app = express();
  liveFileRoutes(app, 'site', file);
  const { url } = await listenSomewhere(building.use(createServer(app)));
  const own = building.move();
  return {
    ...{ file, write: stand.write },
    async ask(method: string, path: string) {
      const response = await fetch(`${url}${path}`, { method });
      return { status: response.status, said: await response.json().catch(() => undefined) };
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  };
}

test('what is in force is told', async () => {
  await using at = await routes();
  assert.deepEqual(await at.ask('GET', '/site'), { status: 200, said: at.file.state() });
});

test('a reload is told with the version that is in force then', async () => {
  await using at = await routes();
  await at.write({ 'site.ts': text('b') });
  assert.deepEqual(await at.ask('POST', '/site/reload'), { status: 200, said: { reloaded: true, version: 2 } });
  assert.equal(at.file.value, 'b');
});

test('a version that is refused is told with why, and with the version that stays', async () => {
  await using at = await routes();
  await at.write({ 'site.ts': 'export default 5;\n' });
  const error = 'FRONT_SITE: number is no text';
  assert.deepEqual(await at.ask('POST', '/site/reload'), {
    status: 422,
    said: { reloaded: false, version: 1, error },
  });
  assert.equal(at.file.value, 'a');
});

for (const [method, path] of [
  ['GET', '/site/reload'],
  ['POST', '/site'],
  ['GET', '/policy'],
] as const) {
  test(`${method} ${path} is not there, and reloads nothing`, async () => {
    await using at = await routes();
    assert.equal((await at.ask(method, path)).status, 404);
    assert.equal(at.file.version, 1);
  });
}
