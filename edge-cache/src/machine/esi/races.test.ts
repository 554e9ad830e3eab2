import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { esi, fragment, fresh, include, site } from '../../testing/esi-site.ts';
import { edgeStand } from '../../testing/stand.ts';

test('[case 45] a page whose markup is cut anywhere is the same when it streams and when it is stored', async () => {
  const markup = `<p>1${include('/f')}2<esi:remove>no</esi:remove>3<!--esi 4-->`;
  await using stand = await edgeStand(
    site({
      '/f': fragment('[f]'),
      ...Object.fromEntries(
        Array.from(markup, (_, cut) => [
          `/${cut}`,
          async (reply: ScriptedReply) => {
            reply.head(200, esi);
            await reply.write(markup.slice(0, cut));
            // Behind what waits in the loop, so that the two parts are two reads of the edge.
            await new Promise((done) => setImmediate(done));
            reply.end(markup.slice(cut));
          },
        ]),
      ),
    }),
  );
  for (const cut of Array.from(markup).keys()) {
    for (const _ of ['fetched', 'stored']) assert.equal((await stand.get(`/${cut}`)).body, '<p>1[f]23 4', `at ${cut}`);
  }
});

test('[case 48] a fragment that nobody may share is fetched for every page, side by side, while the page is shared', async () => {
  const replies: ScriptedReply[] = [];
  let isHeld = true;
  let n = 0;
  await using stand = await edgeStand(
    site({
      '/': `<p>${include('/mine')}`,
      '/mine': (reply) => {
        n += 1;
        if (isHeld && n > 1) replies.push(reply);
        else reply.send(200, ['Cache-Control', 'private'], `[${n}]`);
      },
    }),
  );
  // The first tells that it is private; those behind it do not wait for each other.
  assert.equal((await stand.get('/')).body, '<p>[1]');
  const pages = [stand.ask('/'), stand.ask('/')];
  await eventually(() => assert.equal(replies.length, 2));
  for (const [i, reply] of replies.entries()) reply.send(200, ['Cache-Control', 'private'], `[held ${i}]`);
  isHeld = false;
  const bodies = await Promise.all(pages.map(async (page) => (await page.whole()).body));
  assert.deepEqual(bodies.toSorted(), ['<p>[held 0]', '<p>[held 1]']);
  assert.equal((await stand.get('/')).body, '<p>[4]');
  assert.equal(stand.origin.requests.filter(({ target }) => target === '/').length, 1);
});

test('[case 48] a fragment that is being fetched for one client is shared with a page, and breaks both when it breaks', async () => {
  let origin: ScriptedReply | undefined;
  await using stand = await edgeStand(
    site({
      '/': `<p>1${include('/f')}2`,
      '/f': async (reply) => {
        origin = reply;
        reply.head(200, [...fresh, 'Content-Length', '9']);
        await reply.write('begun');
      },
    }),
  );
  const alone = stand.ask('/f');
  await eventually(() => assert.equal(alone.received, 'begun'));
  const page = stand.ask('/');
  await eventually(() => assert.equal(page.received, '<p>1begun'));
  origin?.break();
  assert.deepEqual([await alone.outcome, await page.outcome], ['broken', 'broken']);
  assert.equal(stand.origin.requests.filter(({ target }) => target === '/f').length, 1);
});
