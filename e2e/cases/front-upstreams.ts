import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type Answer, ask } from '../ask.ts';
import { addresses, asData, reason, underSite, unique, upstream } from '../front.ts';
import { type Neighbour, neighbour } from '../neighbour.ts';
import type { Case, Stack } from '../topology.ts';

const named =
  (name: string): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(name);
  };

/** Who answered each of so many requests at the front. */
async function answers(stack: Stack, count: number, headers: Record<string, string> = {}): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const { status, text } = await ask(new URL(`/${unique()}`, stack.front), { headers });
    assert.equal(status, 200, text);
    texts.push(text);
  }
  return texts;
}

/** Resolves once both names are looked up: until then requests go to the one that was found first. */
async function bothAsked(stack: Stack): Promise<void> {
  await eventually(async () => assert.equal(new Set(await answers(stack, 6)).size, 2));
}

function times(name: string, all: readonly string[]): number {
  return all.filter((one) => one === name).length;
}

function cookieOf({ headers }: Answer): string {
  const [cookie = assert.fail('there is no cookie')] = headers['set-cookie'] ?? [];
  return cookie;
}

async function two(stack: Stack, checks: (one: Neighbour, other: Neighbour) => Promise<void>): Promise<void> {
  await using one = await neighbour(stack, named('one'));
  await using other = await neighbour(stack, named('other'));
  await checks(one, other);
}

/** Whom the front asks, and how often. */
export const frontUpstreams: readonly Case[] = [
  {
    name: 'two addresses are asked in turn, by their weights; one that is down is not, a backup only when it must',
    run: (stack) =>
      two(stack, async (one, other) => {
        await underSite(stack, upstream(addresses(one, other)), async () => {
          await bothAsked(stack);
          assert.equal(times('one', await answers(stack, 10)), 5);
        });
        const list = (more: string) => `addresses: ['${one.address}', { address: '${other.address}', ${more} }]`;
        await underSite(stack, upstream(list('weight: 4')), async () => {
          await bothAsked(stack);
          assert.equal(times('other', await answers(stack, 10)), 8);
        });
        for (const more of ['down: true', 'backup: true']) {
          await underSite(stack, upstream(list(more)), async () => {
            assert.equal(times('one', await answers(stack, 4)), 4, more);
          });
        }
      }),
  },
  {
    name: 'when one of two addresses goes, no GET fails, and soon it is asked no more; a backup takes over',
    run: (stack) =>
      two(stack, async (one, other) => {
        await underSite(stack, upstream(`${addresses(one, other)}, failTimeout: '1m'`), async () => {
          await bothAsked(stack);
          await one[Symbol.asyncDispose]();
          assert.equal(times('other', await answers(stack, 10)), 10);
        });
        const list = `addresses: ['${one.address}', { address: '${other.address}', backup: true }]`;
        await underSite(stack, upstream(list), async () => {
          assert.equal(times('other', await answers(stack, 3)), 3);
        });
      }),
  },
  {
    name: 'a client stays where its cookie leads it, and goes elsewhere when nobody is there any more',
    run: (stack) =>
      two(stack, async (one, other) => {
        const options = `${addresses(one, other)}, sticky: { secret: 'sixteen characters or more' }`;
        await underSite(stack, upstream(options), async () => {
          const first = await ask(new URL(`/${unique()}`, stack.front), { headers: { cookie: 'mine=1' } });
          assert.match(cookieOf(first), /^trivet-up=\S+; .*HttpOnly/);
          assert.match(cookieOf(first), /SameSite=Lax/);
          const cookie = `mine=1; ${cookieOf(first).split(';')[0]}`;
          assert.equal(times(first.text, await answers(stack, 6, { cookie })), 6);
          const through = await ask(new URL(`/${unique()}`, stack.edge), { headers: { cookie } });
          assert.equal(through.text, first.text);
          const asked = first.text === 'one' ? one : other;
          for (const { headers } of asked.heard) assert.doesNotMatch(headers.cookie ?? '', /trivet-up/);
          assert.equal(asked.heard.at(-1)?.headers.cookie, 'mine=1');
          await asked[Symbol.asyncDispose]();
          const moved = await ask(new URL(`/${unique()}`, stack.front), { headers: { cookie } });
          assert.notEqual(moved.text, first.text);
          assert.notEqual(cookieOf(moved).split(';')[0], cookieOf(first).split(';')[0]);
        });
      }),
  },
  {
    name: 'equal keys lead to the same address',
    run: (stack) =>
      two(stack, async (one, other) => {
        const options = `${addresses(one, other)}, balance: 'hash', hashBy: { header: 'x-user' }`;
        const placeOf = async (user: number) => (await answers(stack, 1, { 'x-user': `user ${user}` })).join();
        const placesOfAll = () => Promise.all(Array.from({ length: 20 }, (_, user) => placeOf(user)));
        await underSite(stack, upstream(options), async () => {
          await eventually(async () => assert.equal(new Set(await placesOfAll()).size, 2));
          const places = await placesOfAll();
          for (let i = 0; i < 3; i++) assert.deepEqual(await placesOfAll(), places);
        });
      }),
  },
  {
    name: 'a GET that one address answers with 503 is tried at another, a POST is not',
    async run(stack) {
      await using ill = await neighbour(stack, (message, response) => {
        message.resume();
        response.writeHead(503, { 'cache-control': 'no-store' }).end('ill');
      });
      await using well = await neighbour(stack, named('well'));
      await underSite(stack, upstream(`${addresses(ill, well)}, retryOn: [503], maxFails: 0`), async () => {
        assert.equal(times('well', await answers(stack, 6)), 6);
        assert.ok(ill.heard.length >= 1, 'it was asked');
        const posts = await Promise.all(
          Array.from({ length: 6 }, () => ask(new URL('/x', stack.front), { method: 'POST', body: 'x' })),
        );
        assert.ok(posts.some(({ status }) => status === 503));
      });
    },
  },
  {
    name: 'an address that a probe finds ill is left alone until it is well',
    async run(stack) {
      let isWell = true;
      await using one = await neighbour(stack, (message, response) => {
        if (message.url !== '/health') return named('one')(message, response);
        response.writeHead(isWell ? 200 : 500).end();
      });
      await using other = await neighbour(stack, (message, response) => {
        named(message.url === '/health' ? 'well' : 'other')(message, response);
      });
      const probe = "probe: { path: '/health', interval: '100ms', window: 2, threshold: 1 }";
      await underSite(stack, upstream(`${addresses(one, other)}, ${probe}`), async () => {
        await eventually(async () => assert.equal(times('one', await answers(stack, 4)), 2));
        isWell = false;
        await eventually(async () => assert.equal(times('other', await answers(stack, 6)), 6));
        isWell = true;
        await eventually(async () => assert.equal(times('one', await answers(stack, 4)), 2));
      });
    },
  },
  {
    name: 'requests beyond the connections of an upstream wait so long, and no more than so many',
    async run(stack) {
      const releases: (() => void)[] = [];
      await using slow = await neighbour(stack, (_message, response) => {
        releases.push(() => response.end('done'));
      });
      const options = `${addresses(slow)}, maxConnections: 1, queue: 1, queueWait: '500ms'`;
      await underSite(stack, upstream(options), async () => {
        const asked = () => ask(new URL(`/${unique()}`, stack.front), { headers: asData });
        const held = asked();
        await eventually(() => assert.equal(slow.heard.length, 1));
        const refused = await Promise.all([asked(), asked()]);
        const reasons = refused.map((answer) => `${answer.status} ${reason(answer)}`).sort();
        assert.deepEqual(reasons, ['503 queue-full', '504 queue-late']);
        for (const release of releases) release();
        assert.equal((await held).text, 'done');
      });
    },
  },
];
