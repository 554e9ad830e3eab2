import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { type RunningFront, runFront } from '../testing/running-front.ts';

const size = 6 * 1024 * 1024;

/** Reads a body and stops again and again, long enough for every buffer between here and the file to be full. */
async function readHaltingly(front: RunningFront, path: string): Promise<Buffer> {
  const [response]: [IncomingMessage] = (await once(get(`${front.url}${path}`, { agent: false }), 'response')) as never;
  const parts: Buffer[] = [];
  for await (const part of response) {
    parts.push(part as Buffer);
    if (parts.length % 16 === 1) for (let i = 0; i < 50; i++) await turnOfLoop();
  }
  return Buffer.concat(parts);
}

test('readers of several files who halt get each the bytes of theirs', async () => {
  const contents = Array.from({ length: 4 }, () => randomBytes(size));
  await using tree = await fileTree(Object.fromEntries(contents.map((content, i) => [`${i}.bin`, content])));
  await using front = await runFront({ root: tree.path, site: { routes: [{ path: '/', files: '.' }] } });
  for (let round = 0; round < 3; round++) {
    const received = await Promise.all(contents.map((_, i) => readHaltingly(front, `/${i}.bin`)));
    for (const [i, content] of contents.entries()) assert.ok(received[i]?.equals(content), `file ${i}`);
  }
});
