import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import express from 'express';
import { listenSomewhere } from '../../testing/place.ts';
import type { Hand } from './crew.ts';
import { type FanOut, fanOut } from './fan-out.ts';

type Answer = { readonly status: number; readonly body: object };

const well = (n: number): Answer => ({ status: 200, body: { n } });

/** What is not answered by then waits for a worker that hangs. */
const WITHIN_MS = 10_000;

/** Workers that answer like this, break off, or hang; `during` is called while they are being asked. */
async function asked(
  answers: readonly (Answer | 'hangs' | undefined)[],
  rules: FanOut,
  during?: (hands: Hand[]) => void,
) {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-fan-out-')));
  const hands = answers.map(
    (_, at): Hand => ({ number: at + 1, pid: 100 + at, admin: join(folder.path, `${at}.sock`) }),
  );
  for (const [at, answer] of answers.entries()) {
    const server = createServer((request, response) => {
      during?.(hands);
      if (answer === undefined) request.socket.destroy();
      else if (answer !== 'hangs')
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
    own.use(server.listen(hands[at]?.admin));
    await once(server, 'listening');
  }
  const app = express();
  const crew = {
    get hands() {
      return [...hands];
    },
  };
  app.post('/change', (request, response) => fanOut(crew, request, response, rules));
  const admin = own.use(createServer(app));
  const { port } = await listenSomewhere(admin);
  const response = await fetch(`http://127.0.0.1:${port}/change`, {
    method: 'POST',
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  return { status: response.status, said: (await response.json()) as Record<string, unknown> };
}

test('what all workers say is one answer', async () => {
  assert.deepEqual(await asked([well(1), well(2)], { merge: {} }), { status: 200, said: { n: 3 } });
});

test('a worker that says nothing is left out of what is only read', async () => {
  assert.deepEqual(await asked([well(1), undefined], { merge: {} }), { status: 200, said: { n: 1 } });
});

test('what is to be so in all workers is not answered as if it were, while one has not confirmed it', async () => {
  const { status, said } = await asked([well(1), undefined, well(3)], { merge: {}, isOfAll: true });
  assert.equal(status, 503);
  assert.match(String(said.error), /^no answer from worker 2 .*; the others have answered$/);
});

test('a worker that ends while it is asked need not confirm anything', async () => {
  const ends = (hands: Hand[]) => void hands.splice(1, 1);
  const told = await asked([well(1), undefined], { merge: {}, isOfAll: true }, ends);
  assert.deepEqual(told, { status: 200, said: { n: 1 } });
});

test('where one worker refuses, its refusal is the answer', async () => {
  const refusal = { status: 422, body: { error: 'no' } };
  const told = await asked([well(1), refusal], { merge: {}, isOfAll: true });
  assert.deepEqual(told, { status: 422, said: { error: 'no' } });
});

test('without any worker there is nobody to answer', async () => {
  assert.equal((await asked([], { merge: {}, isOfAll: true })).status, 503);
});

test('a worker that hangs is waited for as long as the caller says', async () => {
  const told = await asked([well(1), 'hangs', well(3)], { merge: {}, deadlineMs: 50 });
  assert.deepEqual(told, { status: 200, said: { n: 4 } });
});

test('how long was waited is said where all had to answer', async () => {
  const told = await asked([well(1), 'hangs'], { merge: {}, isOfAll: true, deadlineMs: 50 });
  const error = 'no answer from worker 2 within 50ms; the others have answered';
  assert.deepEqual(told, { status: 503, said: { error } });
});
