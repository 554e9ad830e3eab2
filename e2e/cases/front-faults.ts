import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import { addresses, asData, doors, reason, underSite, unique, upstream } from '../front.ts';
import { nobody, rawNeighbour } from '../neighbour.ts';
import type { Case, Stack } from '../topology.ts';

type Breaking = {
  readonly what: string;
  readonly says: readonly [status: number, reason: string];
  readonly options?: string;
  up(stack: Stack): Promise<AsyncDisposable & { readonly address: string }>;
};

const breaking: readonly Breaking[] = [
  {
    what: 'is not there',
    says: [503, 'refused'],
    up: async (stack) => ({ address: await nobody(stack), [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    what: 'has a name that nobody knows',
    says: [503, 'dns'],
    up: async () => ({ address: 'http://nobody.invalid:80', [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    what: 'closes before it answers',
    says: [502, 'reset-before-head'],
    up: (stack) => rawNeighbour(stack, (socket) => socket.once('data', () => socket.destroy())),
  },
  {
    what: 'does not speak HTTP',
    says: [502, 'bad-response'],
    up: (stack) => rawNeighbour(stack, (socket) => socket.once('data', () => socket.end('SSH-2.0-nothing\r\n\r\n'))),
  },
  {
    what: 'does not answer in time',
    says: [504, 'timeout-first-byte'],
    options: ", timeouts: { firstByte: '300ms' }, retries: 0",
    up: (stack) => rawNeighbour(stack, () => undefined),
  },
];

const isNamed = ({ what, says, options = '', up }: Breaking): Case => ({
  name: `an upstream that ${what} is a ${says[0]} that says ${says[1]}`,
  async run(stack) {
    await using broken = await up(stack);
    await underSite(stack, upstream(`${addresses(broken)}${options}`), async () => {
      for (const door of doors(stack)) {
        const answer = await ask(new URL(`/${unique()}`, door), { method: 'POST', headers: asData, body: 'x' });
        assert.deepEqual([answer.status, reason(answer)], says);
        assert.match(String(answer.headers['proxy-status']), /^static-frontend; ?error=/);
        if (says[0] === 503) assert.match(String(answer.headers['retry-after']), /^\d+$/);
      }
    });
  },
});

/** What the front says when nobody answers as HTTP wants it. */
export const frontFaults: readonly Case[] = [
  ...breaking.map(isNamed),
  {
    name: 'an answer that an upstream breaks off is not a whole one to the client',
    async run(stack) {
      const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n';
      await using broken = await rawNeighbour(stack, (socket) =>
        socket.once('data', () => socket.end(`${head}only this`)),
      );
      await underSite(stack, upstream(addresses(broken)), async () => {
        for (const door of doors(stack)) await assert.rejects(ask(new URL(`/${unique()}`, door)));
      });
    },
  },
];
