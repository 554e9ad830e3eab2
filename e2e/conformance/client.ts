/** The suite's own client, as a worker: it keeps its results in module state, so each run is given a thread of its own. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { fileOf, groupsOfSuite, type Results, type Test } from './suite.ts';

// Most of a test is waiting for something to become stale.
const atOnce = 100;

type Engine = { readonly makeCacheTest: (test: Test) => Promise<void>; readonly testResults: Results };
type Config = {
  readonly setFetch: (fetch: unknown) => void;
  readonly setBaseUrl: (url: string) => void;
  readonly setUseBrowserCache: (use: boolean) => void;
};

/** Asks every test of the suite of the cache at this address. */
async function ask(url: string): Promise<Results> {
  const config: Config = await import(fileOf('client/config.mjs'));
  const engine: Engine = await import(fileOf('client/test.mjs'));
  config.setBaseUrl(url);
  // What its command uses: another fetch adds fields of its own.
  config.setFetch(createRequire(fileOf('cli.mjs'))('node-fetch'));
  config.setUseBrowserCache(false);
  const waiting = (await groupsOfSuite()).flatMap(({ tests }) => tests).values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const test of waiting) await engine.makeCacheTest(test);
    }),
  );
  return engine.testResults;
}

parentPort?.postMessage(await ask(String(workerData)));
