import { describe, test } from 'node:test';
import { testListener } from './test-listener.ts';

type Open = typeof testListener;

/** Plain requests come by way of a fast lane that answers none: whatever holds without it holds then. */
const behindLane: Open = (options) => {
  return testListener({ fastLane: { answer: () => undefined, onAnswered: () => undefined }, ...options });
};

const ways: readonly (readonly [string, Open])[] = [
  ['', testListener],
  [', behind a fast lane', behindLane],
];

/** The same tests of listeners with and without a fast lane. */
export function describeLanes(what: string, tests: (open: Open) => void): void {
  for (const [where, open] of ways) describe(`${what}${where}`, () => tests(open));
}

/** The same test of a listener with and without a fast lane. */
export function testLanes(what: string, body: (open: Open) => Promise<void>): void {
  for (const [where, open] of ways) test(`${what}${where}`, () => body(open));
}
