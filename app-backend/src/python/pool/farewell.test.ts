import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { Farewell, type Spoken } from './farewell.ts';

const spoken: readonly Spoken[] = ['control', 'stdout', 'stderr'];
const turn = () => new Promise(setImmediate);

function stand() {
  const farewell = new Farewell();
  const sockets = spoken.map((is) => {
    const socket = new Socket();
    farewell.follow(is, socket);
    return socket;
  });
  const state = { isSaid: false };
  const said = () =>
    farewell.said().then(() => {
      state.isSaid = true;
    });
  return { sockets, state, said };
}

test('all is said once each of its connections has closed', async () => {
  const { sockets, state, said } = stand();
  const over = said();
  for (const socket of sockets) {
    await turn();
    assert.equal(state.isSaid, false);
    socket.emit('close');
  }
  await over;
});

test('one whose connections have all closed before has nothing more to say', async () => {
  const { sockets, said } = stand();
  for (const socket of sockets) socket.emit('close');
  await said();
});

test('a connection that somebody has inherited, or that never came, is not waited for longer than 0.2 s', async () => {
  const { sockets, said } = stand();
  sockets[0]?.emit('close');
  const before = performance.now();
  await said();
  const tookMs = performance.now() - before;
  assert.ok(tookMs > 180 && tookMs < 2000, `${tookMs} ms`);
});
