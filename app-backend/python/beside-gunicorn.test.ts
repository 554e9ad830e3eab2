// The same program under Gunicorn and under our own Python workers, asked the same bytes: the answers are the same but for
// what the tables in the folder `src/testing/beside-gunicorn` say, and what they say is so on both sides.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { bodies } from '../src/testing/beside-gunicorn/bodies.ts';
import { django } from '../src/testing/beside-gunicorn/django.ts';
import { failures } from '../src/testing/beside-gunicorn/failures.ts';
import { flask } from '../src/testing/beside-gunicorn/flask.ts';
import { heads } from '../src/testing/beside-gunicorn/heads.ts';
import { type Outcome, outcomeOf } from '../src/testing/beside-gunicorn/outcome.ts';
import { requests } from '../src/testing/beside-gunicorn/requests.ts';
import type { Difference, Row, Told } from '../src/testing/beside-gunicorn/row.ts';
import { djangoSite } from '../src/testing/django-site.ts';
import { whyNotGunicorn, whyNotPackages } from '../src/testing/python-peers.ts';
import { gunicorn, ownPython, programsFolder } from '../src/testing/python-servers.ts';

type Program = {
  readonly application: string;
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  /** What it needs to be there while it runs. */
  readonly site?: typeof djangoSite;
};

const programs: readonly Program[] = [
  { application: 'odd:application', tables: { bodies, heads, requests, failures } },
  { application: 'flaskapp:application', tables: { flask } },
  { application: 'djangoproject.wsgi_static:application', tables: { django }, site: djangoSite },
];

const members = ['status', 'interim', 'fields', 'framing', 'body', 'end'] as const;

/** @throws AssertionError that shows all of the outcome. */
function assertTold(outcome: Outcome, told: Told): void {
  const shown = JSON.stringify({ ...outcome, body: outcome.body.slice(0, 500) });
  for (const member of members) {
    const value = told[member];
    if (value instanceof RegExp) assert.match(String(outcome[member]), value, shown);
    else if (value !== undefined) assert.deepEqual(outcome[member], value, shown);
  }
}

/** What nobody said anything of is the same. */
function assertAlike(our: Outcome, their: Outcome, { gunicorn, ours }: Difference): void {
  const alike = members.filter((member) => gunicorn[member] === undefined && ours[member] === undefined);
  const kept = (outcome: Outcome) => Object.fromEntries(alike.map((member) => [member, outcome[member]]));
  assert.deepEqual(kept(our), kept(their));
}

/** A program under both servers, as it stands or with `wsgiref.validate` around it. */
async function pairOf({ application, site }: Program, isWatched: boolean) {
  await using own = new AsyncDisposableStack();
  const needed = site && own.use(await site()).environment;
  const environment = { VALIDATED: application, ...needed };
  const run = { application: isWatched ? 'validated:application' : application, chdir: programsFolder, environment };
  const [theirs, ours] = await Promise.all(
    [gunicorn(run), ownPython(run)].map(async (server) => own.use(await server)),
  );
  assert.ok(theirs !== undefined && ours !== undefined);
  const all = own.move();
  return { theirs, ours, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

type Pair = Awaited<ReturnType<typeof pairOf>>;

async function compare({ theirs, ours }: Pair, { bytes, differs }: Row): Promise<void> {
  const [their, our] = [await outcomeOf(theirs.port, bytes), await outcomeOf(ours.port, bytes)];
  if (differs === undefined) return assert.deepEqual(our, their);
  assertTold(their, differs.gunicorn);
  assertTold(our, differs.ours);
  assertAlike(our, their, differs);
  assert.notDeepEqual(our, their);
}

const skip = whyNotGunicorn() || whyNotPackages('flask', 'django');

for (const program of programs) {
  const { application, tables } = program;
  for (const isWatched of [false, true]) {
    const rows = Object.entries(tables).flatMap(([about, table]) =>
      table.filter(({ isLegal }) => !isWatched || isLegal).map((row) => ({ about, row })),
    );
    if (rows.length === 0) continue;
    describe(`${application}${isWatched ? ', watched by wsgiref.validate' : ''}, beside Gunicorn`, { skip }, () => {
      let pair: Pair;

      before(async () => {
        pair = await pairOf(program, isWatched);
      });

      after(() => pair?.[Symbol.asyncDispose]());

      for (const { about, row } of rows) {
        const difference = row.differs ? ` (${row.differs.why})` : '';
        test(`${about}: ${row.what}${difference}`, () => compare(pair, row));
      }

      if (!isWatched) return;
      test('nothing broke a rule of PEP 3333', () => {
        for (const { said } of [pair.theirs, pair.ours]) assert.doesNotMatch(said(), /AssertionError|WSGIWarning/);
      });
    });
  }
}
