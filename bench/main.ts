/** `npm run bench`: each tier beside its peer. The report goes to standard output, progress to standard error. */
import { writeFileSync } from 'node:fs';
import { chart } from './src/chart.ts';
import { objectsId, readCommandLine, slowId, usage, type Wishes } from './src/command-line.ts';
import { LoadGenerator } from './src/load/load-generator.ts';
import { thisMachine } from './src/machine.ts';
import { measure, type Outcome, type Tools } from './src/measure.ts';
import { type Findings, findings } from './src/objects/findings.ts';
import { measureObjects } from './src/objects/measure-objects.ts';
import { chartOf, page } from './src/page.ts';
import { varnish } from './src/peers/varnish.ts';
import { moveToCore, pinning } from './src/processes/pinning.ts';
import { chartTitle, problems, report } from './src/report.ts';
import { measureSlow } from './src/slow/measure-slow.ts';
import { stopOnSignal } from './src/stop-on-signal.ts';

/** What could not be measured is told; what was answered wrongly fails the run. */
async function bench(wishes: Wishes): Promise<number> {
  await using generator = new LoadGenerator();
  using _ = stopOnSignal(generator);
  const cores = wishes.isPinned ? pinning() : undefined;
  if (cores) moveToCore(generator.pid, cores);
  const peers = [...wishes.pairs.map(({ peer }) => peer), ...(wishes.objects === undefined ? [] : [varnish])];
  const machine = thisMachine(peers.flatMap((peer) => peer?.program ?? []));
  const found = await measureAll(wishes, { generator, pinning: cores });
  if (found === undefined) return 1;
  const { plan, write } = wishes;
  const seen = { ...found, plan, machine, isPinned: cores !== undefined };
  process.stdout.write(report(seen));
  if (write !== undefined) {
    writeFileSync(write, page(report({ ...seen, chart: chartOf(write).name })));
    writeFileSync(chartOf(write).path, chart(found.outcomes, chartTitle));
  }
  return found.outcomes.some(hasWrongAnswers) ? 1 : 0;
}

/** Undefined when it was stopped. */
async function measureAll({ pairs, objects, slow, plan }: Wishes, tools: Tools): Promise<Findings | undefined> {
  const outcomes: Outcome[] = [];
  try {
    for (const pair of pairs) outcomes.push(...told(pair.id, [await measure(pair, plan, tools)]));
    const waits = slow ? await measureSlow() : [];
    if (slow) told(slowId, []);
    if (objects === undefined) return { outcomes, claims: waits };
    const many = findings(await measureObjects(plan, objects, tools));
    return { outcomes: [...outcomes, ...told(objectsId, many.outcomes)], claims: [...waits, ...many.claims] };
  } catch (error) {
    if (!tools.generator.isStopped) throw error;
    process.stderr.write('stopped\n');
    return undefined;
  }
}

function told(id: string, outcomes: readonly Outcome[]): readonly Outcome[] {
  process.stderr.write(`${id}\n`);
  for (const problem of problems(outcomes)) process.stderr.write(`  ${problem}\n`);
  return outcomes;
}

function hasWrongAnswers({ ours, peer }: Outcome): boolean {
  return [ours, peer].some((side) => side !== undefined && Object.keys(side.wrong).length > 0);
}

async function run(args: readonly string[]): Promise<number> {
  let wishes: Wishes;
  try {
    wishes = readCommandLine(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (!wishes.isHelp) return await bench(wishes);
  process.stdout.write(usage);
  return 0;
}

process.exitCode = await run(process.argv.slice(2));
