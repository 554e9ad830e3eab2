// PEP 3333 as a checklist: one program in two languages, in both lanes of the listener, and with the validators around it. What
// a row of the tables says is so in all of them, and they all say the same.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { SpawnedTier } from '@trivet/kit/testing/spawned-tier.ts';
import { type Outcome, outcomeOf } from './src/testing/beside-gunicorn/outcome.ts';
import type { Told } from './src/testing/beside-gunicorn/row.ts';
import { bodies } from './src/testing/pep-3333/bodies.ts';
import { heads } from './src/testing/pep-3333/heads.ts';
import { requests } from './src/testing/pep-3333/requests.ts';
import { withPython } from './src/testing/python.ts';
import { programsFolder } from './src/testing/python-servers.ts';
import { appMain, pythonEnv } from './src/testing/python-tier.ts';

const node = { APP_CHDIR: `${import.meta.dirname}/src/testing/pep-3333`, APP_APPLICATION: 'program.ts:application' };
const python = { ...pythonEnv(programsFolder), APP_APPLICATION: 'pep_3333:application' };
const slow = { APP_FAST_LANE: 'off' };

const servers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TypeScript: node,
  'TypeScript without a fast lane': { ...node, ...slow },
  Python: python,
  'Python without a fast lane': { ...python, ...slow },
  'Python without buffering': { ...python, APP_REQUEST_BUFFERING: 'off' },
};

const watched: typeof servers = {
  'TypeScript, watched': { ...node, APP_APPLICATION: 'validated.ts:application' },
  'Python, watched': { ...python, APP_APPLICATION: 'validated:application', VALIDATED: 'pep_3333:application' },
};

type Running = { readonly name: string; readonly tier: SpawnedTier; readonly port: number };

/** Those servers, as long as the tests of a `describe` run. */
function running(all: typeof servers): () => readonly Running[] {
  const own = new AsyncDisposableStack();
  let found: readonly Running[] = [];
  before(async () => {
    const starting = Object.entries(all).map(async ([name, env]) => {
      const fixed = { APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0' };
      const tier = own.use(new SpawnedTier({ ...fixed, ...env }, { program: appMain }));
      const { address } = await tier.line('listening');
      return { name, tier, port: Number(new URL(address).port) };
    });
    found = await Promise.all(starting);
  });
  after(() => own.disposeAsync());
  return () => found;
}

function assertTold(name: string, outcome: Outcome, told: Told): void {
  const shown = `${name}: ${JSON.stringify({ ...outcome, body: outcome.body.slice(0, 500) })}`;
  for (const member of ['status', 'interim', 'fields', 'framing', 'body', 'end'] as const) {
    const value = told[member];
    if (value instanceof RegExp) assert.match(String(outcome[member]), value, shown);
    else if (value !== undefined) assert.deepEqual(outcome[member], value, shown);
  }
}

async function closedOn(port: number): Promise<string> {
  return (await outcomeOf(port, 'GET /closed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).body;
}

describe('PEP 3333', withPython, () => {
  const all = running(servers);

  for (const [about, rows] of Object.entries({ heads, bodies, requests })) {
    for (const { what, bytes, told, hasClose } of rows) {
      test(`${about}: ${what}`, async () => {
        const asked = all().map(async ({ name, port }) => {
          const outcome = await outcomeOf(port, bytes);
          assertTold(name, outcome, told);
          if (hasClose) assert.equal(await closedOn(port), '1', `${name} closed what was returned`);
          return outcome;
        });
        const [first, ...others] = await Promise.all(asked);
        for (const other of others) assert.deepEqual(other, first);
      });
    }
  }

  test('what is written to wsgi.errors is in the log, by lines, with the id of its request', async () => {
    for (const { tier, port } of all()) {
      const { body: id } = await outcomeOf(port, 'GET /errors HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      await eventually(() => {
        const said = tier.out.split('\n').filter((line) => line.includes('wsgi.errors') && line.includes(id));
        assert.deepEqual(
          said.map((line) => JSON.parse(line).msg),
          ['one', 'two', 'three'],
        );
      });
    }
  });

  test('a connection stays in step behind bodies that nobody read, and errors', async () => {
    const fails = `GET /play?${encodeURIComponent('{"fails":"at once"}')} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const unread = (framing: string, body: string) => `POST /unread HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${body}`;
    const parts = [
      'GET /first HTTP/1.1\r\nHost: a\r\n\r\n',
      unread('Content-Length: 70000', 'GET /x HTTP/1.1\r\n'.padEnd(70_000, 'x')),
      fails,
      unread('Transfer-Encoding: chunked', '11\r\nGET /x HTTP/1.1\r\n\r\n0\r\nX-A: 1\r\n\r\n'),
      'HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ];
    for (const { name, port } of all()) {
      const answer = await rawExchange(port, parts.join(''));
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
      assert.deepEqual(statuses, ['200', '200', '500', '200', '200', '200'], name);
      assert.match(answer, /^PATH_INFO=\/last$/m);
    }
  });
});

describe('PEP 3333, with the validators around it', withPython, () => {
  const all = running(watched);

  for (const { what, bytes, told } of [...heads, ...bodies, ...requests].filter(({ isLegal }) => isLegal)) {
    test(what, async () => {
      // Behind a validator no server sees of how many blocks a body is made.
      const { framing: _framing, ...rest } = told;
      for (const { name, port } of all()) assertTold(name, await outcomeOf(port, bytes), rest);
    });
  }

  test('nothing broke a rule', () => {
    const complaint = /AssertionError|WSGIWarning|WSGI warning|WsgiViolation/;
    for (const { tier } of all()) {
      const complaints = tier.out.split('\n').filter((line) => complaint.test(line));
      assert.deepEqual(complaints, []);
    }
  });
});
