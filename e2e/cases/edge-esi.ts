import assert from 'node:assert/strict';
import { type Answer, ask, cacheStatus } from '../ask.ts';
import { counters, tell } from '../tell.ts';
import type { Case, Stack } from '../topology.ts';

/** The sample page, put together. */
async function page({ edge }: Stack, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await ask(new URL('/esi/', edge), { headers });
  assert.equal(answer.status, 200);
  return answer;
}

/** What the clocks of the page show: the instants at which its fragments were made. */
function clocks({ text }: Answer): string[] {
  return [...text.matchAll(/<time datetime="([^"]+)">/g)].map(([, instant = '']) => instant);
}

/** The sample page `/esi/`, which the edge puts together from files and from answers of the application. */
export const edgeEsi: readonly Case[] = [
  {
    name: 'a page is put together from its fragments, nested ones too',
    async run(stack) {
      const answer = await page(stack);
      const { text, headers } = answer;
      assert.doesNotMatch(text, /<!?-{0,2}\/?esi/, 'no markup is left');
      assert.match(text, /nested\.html.*innermost\.html.*<\/html>\s*$/s);
      assert.equal(clocks(answer).length, 3);
      assert.match(text, /The edge put it together just now/, 'what stands in <!--esi -->');
      assert.doesNotMatch(text, /No edge has read this page/, 'what is to be removed');
      for (const name of ['surrogate-control', 'etag', 'last-modified', 'content-length'])
        assert.equal(headers[name], undefined, name);
    },
  },
  {
    name: 'a fragment that fails leaves nothing where it may, or its alternative',
    async run(stack) {
      const { text } = await page(stack);
      assert.match(text, /nothing stands here: \[\]/);
      assert.match(text, /something else does: <em>the substitute<\/em>/);
    },
  },
  {
    name: 'each fragment has a lifetime and an end of its own',
    async run(stack) {
      const { edge } = stack;
      const url = '/express/clock?seconds=60';
      await tell(stack, '/purge', { url });
      const [passing, , minute] = clocks(await page(stack));
      const again = clocks(await page(stack));
      assert.notEqual(again[0], passing, 'a fragment without a lifetime is made for each page');
      assert.equal(again[2], minute);
      const alone = await ask(new URL(url, edge));
      assert.match(cacheStatus(alone), /hit/);
      assert.match(alone.text, new RegExp(`"${minute}"`));
      await tell(stack, '/purge', { url });
      assert.notEqual(clocks(await page(stack))[2], minute);
    },
  },
  {
    name: 'a page with a fragment that it cannot do without breaks off where that fails',
    async run(stack) {
      const before = await counters(stack);
      for (const _ of ['fetched', 'stored']) await assert.rejects(ask(new URL('/esi/broken.html', stack.edge)));
      const after = await counters(stack);
      assert.equal(after('esi_errors') - before('esi_errors'), 2);
    },
  },
  {
    name: 'a page of fragments is the same page whatever its client can decode, and always whole',
    async run(stack) {
      const plain = await page(stack);
      const skeleton = (text: string) => text.replaceAll(/<time.*<\/time>/g, '');
      for (const headers of [
        { 'accept-encoding': 'gzip, br, zstd' },
        { range: 'bytes=0-9' },
        { 'if-none-match': '*', 'if-modified-since': new Date().toUTCString() },
      ]) {
        const answer = await page(stack, headers);
        assert.equal(answer.headers['content-encoding'], undefined);
        assert.equal(skeleton(answer.text), skeleton(plain.text), JSON.stringify(headers));
      }
    },
  },
  {
    name: 'HEAD of a page of fragments has no body, and promises no length',
    async run(stack) {
      const head = await ask(new URL('/esi/', stack.edge), { method: 'HEAD' });
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      assert.equal(head.headers['content-length'], undefined);
    },
  },
];
