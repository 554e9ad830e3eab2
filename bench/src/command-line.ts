import { parseArgs } from 'node:util';
import type { Plan } from './measure.ts';
import { type Pair, pairs } from './pairs.ts';

export type Wishes = {
  readonly plan: Plan;
  readonly pairs: readonly Pair[];
  /** The file that the report goes into as well. */
  readonly write: string | undefined;
  readonly isHelp: boolean;
};

/** The compiler in Node needs about so many requests before it leaves the code alone. */
const warmUp = 10_000;
const most = { requests: 1_000_000, rounds: 100, connections: 1_000 };

export const usage = `node bench/main.ts [options]

  --requests N     requests of a round (20000)
  --rounds N       rounds of each pair (5)
  --connections N  connections of the load (16)
  --only A,B       only these: ${pairs.map(({ id }) => id).join(', ')}
  --write FILE     write the report into this file, too
  --help
`;

/** Reads the command line. @throws Error with a sentence for the user */
export function readCommandLine(args: readonly string[]): Wishes {
  const { values } = parseArgs({
    args: [...args],
    options: {
      requests: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '16' },
      only: { type: 'string' },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const plan = {
    requests: count('requests', values.requests),
    rounds: count('rounds', values.rounds),
    connections: count('connections', values.connections),
    warmUp,
  };
  return { plan, pairs: chosen(values.only), write: values.write, isHelp: values.help };
}

function count(name: keyof typeof most, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most[name]) throw new Error(`--${name} is a number from 1 to ${most[name]}, not ${text}`);
  return value;
}

function chosen(only: string | undefined): readonly Pair[] {
  if (only === undefined) return pairs;
  return only.split(',').map((id) => {
    const pair = pairs.find((candidate) => candidate.id === id.trim());
    if (!pair) throw new Error(`--only knows no ${id}; there are ${pairs.map((known) => known.id).join(', ')}`);
    return pair;
  });
}
