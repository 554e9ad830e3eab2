import { askExample, assertReply, type Example } from '../../app-backend/src/testing/example.ts';
import { examples } from '../../app-backend/src/testing/examples.ts';
import type { Case } from '../topology.ts';

const isForAll = ({ alone, only }: Example) => alone === undefined && only === undefined;

/** What the sample application answers in any language and behind any tiers: the list that it is held to alone, too. */
export const classic: readonly Case[] = examples.filter(isForAll).map((example) => ({
  name: example.what,
  async run({ edge }) {
    assertReply(await askExample(edge, example), example.answer);
  },
}));
