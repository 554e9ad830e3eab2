import assert from 'node:assert/strict';
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fieldOf } from './replies.ts';
import { get } from './row.ts';
import { openStand, type Server, type Stand } from './stand.ts';

/** The promise is a second; a machine with other work to do gets one more. */
const withinMs = 2000;

const before2026 = new Date('2025-12-31T00:00:00Z');

type Change = {
  readonly what: string;
  readonly name: string;
  readonly prepare?: (path: string) => Promise<unknown>;
  readonly accept?: string;
  readonly was: string;
  readonly change: (path: string) => Promise<unknown>;
  readonly becomes: string;
};

const missing = '404 <p>own page';

const changes: readonly Change[] = [
  {
    what: 'changed in place',
    name: 'changed.txt',
    prepare: (path) => writeFile(path, 'one'),
    was: '200 one',
    change: (path) => writeFile(path, 'two, longer'),
    becomes: '200 two, longer',
  },
  {
    what: 'changed in place, as long and as old as before',
    name: 'same.txt',
    prepare: async (path) => {
      await writeFile(path, 'one');
      await utimes(path, before2026, before2026);
    },
    was: '200 one',
    change: async (path) => {
      await writeFile(path, 'two');
      await utimes(path, before2026, before2026);
    },
    becomes: '200 two',
  },
  {
    what: 'replaced by an older one of another name',
    name: 'replaced.txt',
    prepare: async (path) => {
      await writeFile(path, 'one');
      await writeFile(`${path}.next`, 'two');
      await utimes(`${path}.next`, before2026, before2026);
    },
    was: '200 one',
    change: (path) => rename(`${path}.next`, path),
    becomes: '200 two',
  },
  {
    what: 'added',
    name: 'added.txt',
    was: missing,
    change: (path) => writeFile(path, 'new'),
    becomes: '200 new',
  },
  {
    what: 'deleted',
    name: 'deleted.txt',
    prepare: (path) => writeFile(path, 'one'),
    was: '200 one',
    change: (path) => rm(path),
    becomes: missing,
  },
  {
    what: 'given a compressed sibling',
    name: 'sibling.txt',
    prepare: (path) => writeFile(path, 'one'),
    accept: 'gzip',
    was: '200 one',
    change: (path) => writeFile(`${path}.gz`, gzipSync('one')),
    becomes: `200 gzip ${gzipSync('one').toString('latin1')}`,
  },
];

async function said(server: Server, { name, accept = 'identity' }: Change): Promise<string> {
  const [answer] = await server.ask({ bytes: get(`/${name}`, `Accept-Encoding: ${accept}`) });
  assert.ok(answer);
  const coding = fieldOf(answer, 'Content-Encoding');
  return [answer.status, ...(coding === undefined ? [] : [coding]), answer.body].join(' ');
}

describe('a file that is changed is seen within a second', () => {
  let stand: Stand;

  before(async () => {
    stand = await openStand();
  });

  after(() => stand[Symbol.asyncDispose]());

  for (const lane of ['hot', 'cold'] as const) {
    for (const change of changes) {
      test(`[A.1 #15] [A.1 #16] ${change.what}, with the fast lane ${lane === 'hot' ? 'on' : 'off'}`, async () => {
        const path = join(stand.root, `${lane}-${change.name}`);
        const asked = { ...change, name: `${lane}-${change.name}` };
        const server = stand[lane];
        await change.prepare?.(path);
        for (let i = 0; i < 5; i++) assert.equal(await said(server, asked), change.was);
        await change.change(path);
        const old = change.was;
        await eventually(async () => {
          const now = await said(server, asked);
          if (now !== old) assert.equal(now, change.becomes);
          assert.notEqual(now, old);
        }, withinMs);
        // What is new stays.
        for (let i = 0; i < 5; i++) assert.equal(await said(server, asked), change.becomes);
      });
    }
  }
});
