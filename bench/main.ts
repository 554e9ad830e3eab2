/** `npm run bench`: each tier beside its peer. The report goes to standard output, progress to standard error. */
import { writeFileSync } from 'node:fs';
import { readCommandLine, usage, type Wishes } from './src/command-line.ts';
import { LoadGenerator } from './src/load/load-generator.ts';
import { thisMachine } from './src/machine.ts';
import { measure, type Outcome } from './src/measure.ts';
import { problems, report } from './src/report.ts';
import { stopOnSignal } from './src/stop-on-signal.ts';

/** What could not be measured is told; what was answered wrongly fails the run. */
async function bench({ pairs, plan, write }: Wishes): Promise<number> {
  await using generator = new LoadGenerator();
  using _ = stopOnSignal(generator);
  const machine = thisMachine(pairs);
  const outcomes: Outcome[] = [];
  try {
    for (const pair of pairs) {
      process.stderr.write(`${pair.id} …\n`);
      const outcome = await measure(pair, plan, generator);
      for (const problem of problems([outcome])) process.stderr.write(`  ${problem}\n`);
      outcomes.push(outcome);
    }
  } catch (error) {
    if (!generator.isStopped) throw error;
    process.stderr.write('stopped\n');
    return 1;
  }
  const text = report({ outcomes, plan, machine });
  process.stdout.write(text);
  if (write !== undefined) writeFileSync(write, `# Performance\n\n${text}`);
  return outcomes.some(hasWrongAnswers) ? 1 : 0;
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
