import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type FileTree, fileTree } from '../testing/file-tree.ts';
import { whyNot } from '../testing/oracles/program.ts';
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
  let stop: () => Promise<void>;

  before(async () => {
    tree = await fileTree({ 'www/f.bin': content });
    const conf = join(tree.path, 'nginx.conf');
    await writeFile(conf, configuration(tree.path));
    const nginx = spawn('nginx', ['-p', tree.path, '-c', conf, '-e', 'stderr'], { stdio: 'ignore' });
    stop = async () => {
      nginx.kill('SIGTERM');
      if (nginx.exitCode === null) await once(nginx, 'exit');
    };
    front = await runFront({ root: join(tree.path, 'www'), site: { routes: [{ path: '/', files: '.' }] } });
    await eventually(() => assert.ok(existsSync(join(tree.path, 'socket'))));
  });

  after(async () => {
    await stop();
    await front[Symbol.asyncDispose]();
    await tree[Symbol.asyncDispose]();
  });

  for (const range of ranges) {
    test(range.slice(0, 60), async () => {
      const ours = await comparable({ port: front.port, headers: { range } });
      const theirs = await comparable({ socketPath: join(tree.path, 'socket'), headers: { range } });
      if (ours.statusCode !== 416) return assert.deepEqual(ours, theirs);
      assert.deepEqual([ours.statusCode, ours.range], [theirs.statusCode, theirs.range]);
    });
  }
});

function configuration(folder: string): string {
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
  types {} default_type application/octet-stream; access_log off;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server { listen unix:${folder}/socket; root ${folder}/www; }
}
`;
}
