import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import express from 'express';
import { listenSomewhere } from '../../testing/place.ts';
import type { Hand } from './crew.ts';
import { liveFileRoutes } from './live-file-routes.ts';
import type { Rules } from './merge.ts';

type Answer = readonly [status: number, body: unknown];

/** What the primary says, and what happened in order, when its workers answer like this; `gone`: one that breaks off. */
async function asked(method: string, path: string, answers: readonly (Answer | 'gone')[], rules: Rules = {}) {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-live-routes-')));
  const events: string[] = [];
  const hands = answers.map(
    (_, at): Hand => ({ number: at + 1, pid: 100 + at, admin: join(folder.path, `${at}.sock`) }),
  );
  for (const [at, answer] of answers.entries()) {
    const server = createServer((request, response) => {
      events.push(`${request.method} ${request.url}`);
      if (answer === 'gone') return void request.socket.destroy();
      const [status, body] = answer;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    own.use(server.listen(hands[at]?.admin));
    await once(server, 'listening');
  }
  const app = express();
  liveFileRoutes(app, 'site', { hands, reloadStarting: () => void events.push('starting') }, rules);
  const { url } = await listenSomewhere(own.use(createServer(app)));
  const response = await fetch(`${url}${path}`, { method });
  const said: unknown = await response.json();
  return { status: response.status, said, events };
}

const state = (version: number, sha256: string) => ({ version, sha256, file: 'site.ts', failures: 1 });

describe('the file that is in force in all workers', () => {
  const rules: Rules = { version: 'max' };

  test('is told as one by the rules, and the version of each beside it', async () => {
    const { status, said, events } = await asked(
      'GET',
      '/site',
      [
        [200, state(3, 'c')],
        [200, state(2, 'b')],
      ],
      rules,
    );
    assert.deepEqual([status, events], [200, ['GET /site', 'GET /site']]);
    assert.deepEqual(said, {
      ...{ version: 3, sha256: 'c', file: 'site.ts', failures: 2 },
      workers: [
        { worker: 1, pid: 100, version: 3, sha256: 'c' },
        { worker: 2, pid: 101, version: 2, sha256: 'b' },
      ],
    });
  });

  for (const [what, other] of [
    ['is gone', 'gone'],
    ['does not have it', [404, { version: 9 }]],
  ] as const) {
    test(`is told without a worker that ${what}`, async () => {
      const { said } = await asked('GET', '/site', [other, [200, { version: 2 }]], rules);
      assert.deepEqual(said, { version: 2, workers: [{ worker: 2, pid: 101, version: 2 }] });
    });
  }

  for (const odd of [null, 'text', [1]]) {
    test(`is not known of a worker that tells ${JSON.stringify(odd)} of it`, async () => {
      const { status, said } = await asked('GET', '/site', [[200, odd]], rules);
      assert.deepEqual([status, said], [200, { workers: [{ worker: 1, pid: 100 }] }]);
    });
  }

  for (const [what, answers] of [
    ['there is none', []],
    ['none answers', ['gone', [500, {}]]],
  ] as const) {
    test(`is told by nobody where ${what}`, async () => {
      const { status, said } = await asked('GET', '/site', answers, rules);
      assert.deepEqual([status, said], [503, { error: 'no worker is there to answer; one is being started' }]);
    });
  }
});

describe('a reload by all workers', () => {
  const well = (version: number): Answer => [200, { reloaded: true, version }];

  test('is asked of those that only start, then of the others, and is the highest version', async () => {
    const { status, said, events } = await asked('POST', '/site/reload', [well(2), well(5)]);
    assert.deepEqual([status, said], [200, { reloaded: true, version: 5 }]);
    assert.deepEqual(events, ['starting', 'POST /site/reload', 'POST /site/reload']);
  });

  test('is refused when one refuses it', async () => {
    const refusal = { reloaded: false, version: 1, error: 'no' };
    const { status, said } = await asked('POST', '/site/reload', [well(2), [422, refusal]]);
    assert.deepEqual([status, said], [422, refusal]);
  });

  test('is not told as done when one has not confirmed it', async () => {
    const { status } = await asked('POST', '/site/reload', [well(2), 'gone']);
    assert.equal(status, 503);
  });

  test('is noted for those that start, though nobody serves now', async () => {
    const { status, events } = await asked('POST', '/site/reload', []);
    assert.deepEqual([status, events], [503, ['starting']]);
  });
});
