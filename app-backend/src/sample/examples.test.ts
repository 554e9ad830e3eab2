// The TypeScript of the sample application under its own server; app-backend/python/twin.test.ts asks the Python the same.
import { after, before, describe, test } from 'node:test';
import { application, mounts, upgrades } from '../../app.ts';
import { askExample, assertReply } from '../testing/example.ts';
import { examples } from '../testing/examples.ts';
import { type Serving, serve } from '../testing/serving.ts';

describe('app.ts answers as the examples say', () => {
  let serving: Serving;

  before(async () => {
    serving = await serve(application, { mounts, upgrades });
  });

  after(() => serving[Symbol.asyncDispose]());

  for (const example of examples.filter(({ only }) => only !== 'python')) {
    test(example.what, async () => assertReply(await askExample(serving.url, example), example.answer));
  }
});
