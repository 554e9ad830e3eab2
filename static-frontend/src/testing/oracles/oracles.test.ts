import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAnswers, expectedOfPeer } from './compare.ts';
import { type Peer, whyNot } from './program.ts';
import { lasting } from './replies.ts';
import type { Difference, Row } from './row.ts';
import { openStand, type Stand } from './stand.ts';
import { tables } from './tables/all-tables.ts';

const missing = { nginx: whyNot('nginx'), apache: whyNot('apache') };

/** Both ways of the front say what the row says, and the same. */
async function assertOurs({ cold, hot }: Stand, row: Row): Promise<void> {
  const answers = await cold.ask(row);
  const { fields, own } = row.ours;
  assertAnswers(answers, { ...row.ours, fields: { ...fields, ...own } });
  // Twice for the file to be hot, and once from memory.
  for (let i = 0; i < 3; i++) {
    assert.deepEqual((await hot.ask(row)).map(lasting), answers.map(lasting), 'with the fast lane');
  }
}

type AskedOf = { readonly row: Row; readonly title: string; readonly difference: Difference | undefined };

/** The rows that a peer is asked. */
function askedOf(peer: Peer, rows: readonly Row[]): AskedOf[] {
  return rows.flatMap((row) => {
    const difference = row[peer];
    if (difference !== undefined && 'notAsked' in difference) return [];
    const why = difference === undefined ? '' : ` (${difference.why})`;
    return [{ row, difference, title: `[${row.of}] ${peer}: ${row.what}${why}` }];
  });
}

describe('the front and its peers answer the same bytes as the tables say', () => {
  let stand: Stand;

  before(async () => {
    stand = await openStand();
  });

  after(() => stand[Symbol.asyncDispose]());

  for (const { about, rows } of tables) {
    describe(about, () => {
      for (const row of rows) test(`[${row.of}] front: ${row.what}`, () => assertOurs(stand, row));
    });

    for (const peer of ['nginx', 'apache'] as const) {
      describe(`${about}, by ${peer}`, { skip: missing[peer] }, () => {
        for (const { row, title, difference } of askedOf(peer, rows)) {
          test(title, async () => {
            const server = stand.peers[peer];
            assert.ok(typeof server === 'object', String(server));
            assertAnswers(await server.ask(row), expectedOfPeer(row.ours, difference));
          });
        }
      });
    }
  }

  test('the fast lane has answered what it can', async () => {
    assert.ok((await stand.hot.answersFromMemory()) > 100);
  });
});
