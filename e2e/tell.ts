/** Talks with the admin port of a stack's edge. */
import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Answer } from './ask.ts';
import type { Stack } from './topology.ts';

/** Posts this as JSON, and returns what the edge answers, whatever it is. */
export function post({ admin }: Stack, path: string, what: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return admin('edge-cache', path, { method: 'POST', headers, body: JSON.stringify(what) });
}

/** Posts this as JSON, and returns what came with the 200. */
export async function tell(stack: Stack, path: string, what: object): Promise<Record<string, unknown>> {
  const answer = await post(stack, path, what);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text);
}

/** What the edge knows, JSON of `path` with these parameters. */
export async function told<T>({ admin }: Stack, path: string, parameters: Readonly<Record<string, string>> = {}) {
  const answer = await admin('edge-cache', `${path}?${new URLSearchParams(parameters)}`);
  assert.equal(answer.status, 200, answer.text);
  const value: T = JSON.parse(answer.text);
  return value;
}

/** The numbers of the edge, by Varnish's names without `MAIN.`. */
export async function counters(stack: Stack): Promise<(name: string) => number> {
  const { counters } = await told<{ counters: Record<string, number> }>(stack, '/stats');
  return (name) => counters[`MAIN.${name}`] ?? Number.NaN;
}

/** Resolves once what is stored of a page is stale. Explaining does not touch it. */
export async function expired(stack: Stack, page: URL): Promise<void> {
  await eventually(async () => {
    const { variants } = await told<{ variants: { ttlSeconds: number }[] }>(stack, '/explain', { url: page.href });
    assert.equal(variants.length, 1);
    for (const { ttlSeconds } of variants) assert.ok(ttlSeconds < 0, `fresh for ${ttlSeconds} s`);
  });
}
