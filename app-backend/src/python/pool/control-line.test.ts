import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { frame } from '../frames.ts';
import { ControlLine, type FromControl } from './control-line.ts';

const json = (letter: string, value: unknown) => frame(letter, Buffer.from(JSON.stringify(value)));

async function aLine() {
  const pair = await socketPair();
  const said: FromControl[] = [];
  const ends: (string | undefined)[] = [];
  const line = new ControlLine(pair.server, {
    onSaid: (one) => void said.push(one),
    onEnd: (broken) => void ends.push(broken),
  });
  return { line, said, ends, worker: pair.client, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
}

test('what a worker says is told, however its bytes come', async () => {
  await using stand = await aLine();
  const failure = { problems: ['no module'], code: 78 };
  const bytes = Buffer.concat([
    json('r', {}),
    json('p', { rss: 4096 }),
    json('p', {}),
    json('l', {}),
    json('f', failure),
  ]);
  for (const byte of bytes) stand.worker.write(Buffer.of(byte));
  await eventually(() => assert.equal(stand.said.length, 5));
  assert.deepEqual(stand.said, [
    { kind: 'ready' },
    { kind: 'pong', rssBytes: 4096 },
    { kind: 'pong', rssBytes: undefined },
    { kind: 'leaving' },
    { kind: 'failed', failure },
  ]);
  stand.worker.end();
  stand.line.close();
  await eventually(() => assert.deepEqual(stand.ends, [undefined]));
});

for (const [what, bytes] of [
  ['a frame that there is not', json('r', {}).fill('T', 0, 1)],
  ['a frame that is too long', Buffer.from('p\xff\xff\xff\xff', 'latin1')],
] as const) {
  test(`one that sends ${what} is not listened to any more`, async () => {
    await using stand = await aLine();
    stand.worker.resume().write(Buffer.concat([bytes, json('r', {})]));
    await eventually(() => assert.match(stand.ends[0] ?? '', /on its control connection$/));
    assert.deepEqual(stand.said, []);
  });
}

test('a ping and the end are frames', async () => {
  await using stand = await aLine();
  stand.line.send('p');
  stand.line.send('q');
  let got = '';
  stand.worker.on('data', (chunk) => {
    got += chunk;
  });
  await eventually(() => assert.equal(got, 'p\0\0\0\u0002{}q\0\0\0\u0002{}'));
  stand.line.close();
  await once(stand.worker, 'close');
  stand.line.send('p');
});
