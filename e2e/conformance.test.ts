import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deviationsOf, profiles } from './conformance/expected.ts';
import { disagreements } from './conformance/judge.ts';
import { openOrigin } from './conformance/origin.ts';
import { runSuite } from './conformance/run.ts';
import { groupsOfSuite } from './conformance/suite.ts';

// Together: each spends nearly all of its time on waiting for something to become stale.
describe('http-cache-tests', { concurrency: profiles.length }, () => {
  for (const profile of profiles) {
    test(`the edge passes all but what is listed (${profile.name})`, async () => {
      await using origin = await openOrigin();
      const results = await runSuite(origin.url, profile.settings);
      assert.deepEqual(disagreements(await groupsOfSuite(), deviationsOf(profile), results), []);
    });
  }
});
