import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { stoppedUnderLoad } from '@trivet/kit/testing/stopped-under-load.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const times = 2;

for (const workers of ['1', '2']) {
  test(`the edge with workers: ${workers}, stopped under load, answers all that is asked`, async () => {
    await using origin = await scriptedOrigin((_, reply) => reply.send(200, ['Cache-Control', 'max-age=600'], 'hello'));
    const env = {
      ...{ EDGE_LISTEN: '127.0.0.1:0', EDGE_ADMIN_LISTEN: '127.0.0.1:0' },
      ...{ EDGE_ORIGIN: origin.url, EDGE_WORKERS: workers },
    };
    for (let i = 0; i < times; i++) await stoppedUnderLoad({ program, env });
  });
}
