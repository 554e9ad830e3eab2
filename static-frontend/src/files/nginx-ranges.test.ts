import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import { ownNginx } from '../testing/oracles/own-nginx.ts';
import { type Listening, whyNot } from '../testing/oracles/program.ts';
import { type RunningFront, runFront } from '../testing/running-front.ts';

const content = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7) % 251));

/** Ranges that lie apart: nginx does not put overlapping ones together. */
const ranges = [
  'bytes=0-1,4-5',
  'bytes=4000-4099,0-0,200-300',
  'bytes=-1,0-9',
  'bytes=0-9, 10000-, -5',
  'bytes=0-9,10000-',
  'bytes=9000-,10000-',
  'bytes=4990-9999,0-4',
  'bytes=0-,0-',
  `bytes=${Array.from({ length: 16 }, (_, i) => `${i * 10}-${i * 10 + 3}`).join(',')}`,
];

async function answered(options: RequestOptions): Promise<{ message: IncomingMessage; body: Buffer }> {
  const [message]: [IncomingMessage] = (await once(
    get({ agent: false, path: '/f.bin', ...options }),
    'response',
  )) as never;
  return { message, body: Buffer.concat(await message.toArray()) };
}

/** What of an answer two servers should agree on; each has a boundary of its own. */
async function comparable(options: RequestOptions) {
  const { message, body } = await answered(options);
  const { headers, statusCode } = message;
  const boundary = /boundary=(\S+)$/.exec(headers['content-type'] ?? '')?.[1] ?? 'none';
  assert.equal(headers['content-length'], String(body.length));
  const text = body.toString('latin1').replaceAll(boundary, 'B').replace(/^\r\n/, '');
  return { statusCode, text, range: headers['content-range'], isMultipart: boundary !== 'none' };
}

describe('several ranges are answered as nginx answers them', { skip: whyNot('nginx') }, () => {
  let tree: FileTree;
  let front: RunningFront;
  let nginx: Listening;

  before(async () => {
    tree = await fileTree({ 'f.bin': content });
    const http = 'types {} default_type application/octet-stream;';
    nginx = await ownNginx({ http, server: `root ${tree.path};` });
    front = await runFront({ root: tree.path, site: { routes: [{ path: '/', files: '.' }] } });
  });

  after(async () => {
    for (const one of [nginx, front, tree]) await one[Symbol.asyncDispose]();
  });

  for (const range of ranges) {
    test(range.slice(0, 60), async () => {
      const ours = await comparable({ port: front.port, headers: { range } });
      const theirs = await comparable({ port: nginx.port, headers: { range } });
      if (ours.statusCode !== 416) return assert.deepEqual(ours, theirs);
      assert.deepEqual([ours.statusCode, ours.range], [theirs.statusCode, theirs.range]);
    });
  }
});
