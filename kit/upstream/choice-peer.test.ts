import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Answer, breaks, choiceStand } from '../testing/choice-stand.ts';
import { eventually } from '../testing/eventually.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';
import type { AddressRule } from './options.ts';

// Held beside the nginx of this machine: the same origins, the same requests, the same sequence of answers.

const hasNginx = spawnSync('nginx', ['-v']).error === undefined;
const withNginx = hasNginx ? {} : { skip: 'nginx is not installed' };

type Stand = Awaited<ReturnType<typeof choiceStand>>;

/** An upstream whose only address is an nginx, with one worker, that has the origins of a stand as its own. */
async function nginxBefore({ origins }: Stand, servers: readonly string[], balance: string) {
  await using building = new AsyncDisposableStack();
  const { path: folder } = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-nginx-')));
  const rows = origins.map(({ port }, at) => `server 127.0.0.1:${port} ${servers[at]};`);
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid nginx.pid; error_log error.log; events { }
    http {
      access_log off;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
      upstream app { ${balance} ${rows.join(' ')} }
      server { listen unix:${folder}/socket; location = /ready { return 204; } location / { proxy_pass http://app; proxy_next_upstream off; } }
    }`,
  );
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
  building.defer(async () => {
    const gone = once(nginx, 'exit');
    nginx.kill();
    await gone;
  });
  const upstream = building.use(testUpstream([{ kind: 'unix', path: join(folder, 'socket') }]));
  await eventually(async () => assert.equal((await send(upstream, { target: '/ready' })).head?.status, 204));
  const started = building.move();
  return { upstream, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** The last of the failures that are asked for breaks nothing more. */
function failing(times: number): Answer {
  let left = times;
  return (request, reply) => (left-- > 0 ? breaks(request, reply) : reply.send(200, [], 'a'));
}

describe('nginx and an upstream ask in the same order', withNginx, () => {
  for (const [balance, weights, fails] of [
    ['round-robin', [5, 1, 1], 0],
    ['round-robin', [4, 2, 1], 0],
    ['round-robin', [1, 1, 1], 0],
    ['round-robin', [7, 3, 2, 5], 0],
    ['least-connections', [5, 1, 1], 0],
    ['round-robin', [10, 3], 2],
    ['round-robin', [9, 9, 2], 3],
  ] as const) {
    test(`${balance} by ${weights.join(', ')}, the first fails ${fails} times`, async () => {
      const told = weights.map((weight) => ({ weight }) satisfies Partial<AddressRule>);
      const options = { balance, ejection: { maxFails: 5, failMs: 60_000 } };
      await using ours = await choiceStand(told, options);
      await using theirs = await choiceStand(told);
      const servers = weights.map((weight) => `weight=${weight} max_fails=5 fail_timeout=60s`);
      await using nginx = await nginxBefore(theirs, servers, balance === 'round-robin' ? '' : 'least_conn;');
      ours.answers[0] = failing(fails);
      theirs.answers[0] = failing(fails);
      const asked = async (): Promise<string> => {
        const { head, body } = await send(nginx.upstream);
        await new Promise((done) => setImmediate(done));
        return head?.status === 502 ? '!' : body.toString();
      };
      let sequence = '';
      for (let i = 0; i < 40; i++) sequence += await asked();
      assert.equal(await ours.asked(40), sequence);
      assert.equal(sequence.split('!').length - 1, fails);
    });
  }
});
