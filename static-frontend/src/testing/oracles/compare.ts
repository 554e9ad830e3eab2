/** Holds answers against what a table says of them. */
import assert from 'node:assert/strict';
import { type Answer, fieldOf } from './replies.ts';
import type { Difference, Expected, ExpectedFields, Row } from './row.ts';

/** What a peer is expected to answer: as the front, but for the fields of its own, or what is said of it alone. */
export function expectedOfPeer(
  { status, fields, body }: Row['ours'],
  difference: Difference | undefined,
): Partial<Expected> {
  if (difference !== undefined) return difference;
  return { status, ...(fields && { fields }), ...(body !== undefined && { body }) };
}

/** @throws AssertionError that shows all that came. */
export function assertAnswers(answers: readonly Answer[], { status, fields = {}, body }: Partial<Expected>): void {
  const [first] = answers;
  assert.ok(first);
  const all = JSON.stringify(answers, undefined, 1);
  if (status !== undefined) {
    const statuses = answers.map((each) => each.status);
    assert.deepEqual(statuses, Array.isArray(status) ? status : [status], all);
  }
  assertFields(first, fields, all);
  if (body !== undefined) assertValue('the content', first.body, body, all);
}

function assertFields(answer: Answer, fields: ExpectedFields, all: string): void {
  for (const [name, expected] of Object.entries(fields)) assertValue(name, fieldOf(answer, name), expected, all);
}

function assertValue(name: string, value: string | undefined, expected: string | RegExp | null, all: string): void {
  if (expected instanceof RegExp) assert.match(value ?? '', expected, `${name}: ${all}`);
  else assert.equal(value, expected ?? undefined, `${name}: ${all}`);
}
