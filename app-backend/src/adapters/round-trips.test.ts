// The four classic programs, behind each adapter and back again: they answer as without.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { validate } from '../gateway/validate.ts';
import { environPage } from '../sample/environ-page.ts';
import { timeRaw } from '../sample/time-raw.ts';
import { timeWebob } from '../sample/time-webob.ts';
import { timeWerkzeug } from '../sample/time-werkzeug.ts';
import { type Serving, serve } from '../testing/serving.ts';
import type { Application } from '../wsgi.ts';
import { fetchToWsgi } from './fetch-to-wsgi.ts';
import { nodeHandlerToWsgi } from './node-handler-to-wsgi.ts';
import { toNodeListener } from './to-node-listener.ts';

const programs: Readonly<Record<string, Application>> = { environPage, timeRaw, timeWebob, timeWerkzeug };
const requests = [
  'GET / HTTP/1.1',
  'GET /other HTTP/1.1',
  'POST / HTTP/1.1',
  'HEAD / HTTP/1.1',
  'DELETE /?x=1 HTTP/1.1',
];

const options = { log: silentLog, trustedProxies: '127.0.0.0/8' };

/** What a fetch handler asks: the program on a plain server. */
const plain: Server[] = [];

async function plainServer(application: Application): Promise<string> {
  const server = createServer(toNodeListener(application, options)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  plain.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const adapters: Readonly<Record<string, (application: Application) => Application | Promise<Application>>> = {
  'nodeHandlerToWsgi(toNodeListener(…))': (application) => nodeHandlerToWsgi(toNodeListener(application, options)),
  'fetchToWsgi(fetch of toNodeListener(…))': async (application) => {
    const at = await plainServer(application);
    return fetchToWsgi(async ({ url, method }) => {
      const { pathname, search } = new URL(url);
      return await fetch(at + pathname + search, { method });
    });
  },
};

// The clock, the exchange and the connection are not the application's; nor are lines of the environ that name them.
function comparable(answer: string): string[] {
  return answer
    .replace(/\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}/, 'TIME')
    .split('\r\n')
    .filter((line) => !/^(?:date|server-timing|x-request-id|connection|content-length|transfer-encoding): /i.test(line))
    .map((line) => line.replace(/^[\w-]+(?=: )/, (name) => name.toLowerCase()))
    .toSorted();
}

/** Of the page that shows the environ: what any server has to say alike. */
const alike =
  /'(?:REQUEST_METHOD|PATH_INFO|QUERY_STRING|SCRIPT_NAME|SERVER_PROTOCOL|wsgi\.(?!errors|input)[\w.]+|HTTP_HOST)'.*/g;

for (const [adapter, wrap] of Object.entries(adapters)) {
  describe(adapter, () => {
    const servers: Serving[] = [];
    const asked = new Map<string, readonly [bare: Serving, wrapped: Serving]>();
    before(async () => {
      for (const [name, application] of Object.entries(programs)) {
        const pair = [await serve(application), await serve(validate(await wrap(validate(application))))] as const;
        servers.push(...pair);
        asked.set(name, pair);
      }
    });
    after(async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
      for (const server of plain.splice(0)) server.close().closeAllConnections();
    });

    for (const name of Object.keys(programs)) {
      for (const line of requests) {
        test(`${name}: ${line}`, async () => {
          const [bare, wrapped] = asked.get(name) ?? [];
          const bytes = `${line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
          const [expected, got] = await Promise.all([bare, wrapped].map((each) => rawExchange(each?.port ?? 0, bytes)));
          if (name === 'environPage') {
            assert.deepEqual(got?.split('\r\n')[0], expected?.split('\r\n')[0]);
            const hosts = (text = '') =>
              (text.match(alike) ?? []).map((each) => each.replace(/(HTTP_HOST.*127\.0\.0\.1)[:\d]*/, '$1'));
            assert.deepEqual(hosts(got), hosts(expected));
          } else {
            assert.deepEqual(comparable(got ?? ''), comparable(expected ?? ''));
          }
        });
      }
    }
  });
}
