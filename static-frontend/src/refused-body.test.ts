import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { statusesOf } from '@trivet/kit/testing/hostile/holds.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { runFront } from './testing/running-front.ts';

const H = 'Host: a\r\n';
const behind = `GET /behind HTTP/1.1\r\n${H}\r\n`;
const chunked = `POST /x HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`;

const refused: readonly [what: string, bytes: string, status: number][] = [
  ['a body too large by its length', `POST /x HTTP/1.1\r\n${H}Content-Length: 11\r\n\r\n01234567890`, 413],
  ['a body too large in chunks', `${chunked}b\r\n01234567890\r\n0\r\n\r\n`, 413],
  ['a path that is malformed', `GET /%zz HTTP/1.1\r\n${H}\r\n`, 400],
];

describe('behind an answer of the front that closes nothing is served', () => {
  for (const [what, bytes, status] of refused) {
    for (const [how, parts] of [
      ['one packet', [bytes + behind]],
      ['two', [bytes, behind]],
      ['one per byte', [...(bytes + behind)]],
    ] as const) {
      test(`${what}, in ${how}: ${status}, and nothing whole reaches the application`, async () => {
        await using tree = await fileTree({ 'f.txt': 'f' });
        await using app = await scriptedOrigin((_request, reply) => reply.send(200, [], 'ok'));
        const site = { routes: [{ path: '/', files: '.', otherwise: { proxy: 'app' } }] };
        await using front = await runFront({ root: tree.path, site, app: [app.address], proxying: { bodyLimit: 10 } });
        assert.deepEqual(statusesOf(await rawExchange(front.port, [...parts])), [status]);
        assert.deepEqual(
          app.requests.filter(({ isWhole }) => isWhole).map(({ target }) => target),
          [],
        );
      });
    }
  }
});
