import { parseArgs } from 'node:util';
import type { Plan } from './measure.ts';
import { type Pair, pairs } from './pairs.ts';

export type Wishes = {
  readonly plan: Plan;
  readonly pairs: readonly Pair[];
  /** So many in the larger stores; undefined when many objects are not to be measured. */
  readonly objects: number | undefined;
  /** Are slow clients to be measured? */
  readonly slow: boolean;
  /** Are servers and load kept on cores of their own, where that can be? */
  readonly isPinned: boolean;
  /** The file that the report goes into as well, the chart beside it. */
  readonly write: string | undefined;
  readonly isHelp: boolean;
};

/** The name of the measurement with many objects among those of the pairs. */
export const objectsId = 'edge-objects';
/** That of the measurement with slow clients. */
export const slowId = 'app-slow';
/** The compiler in Node needs about so many requests before it leaves the code alone. */
const warmUp = 10_000;
const counts = {
  requests: [1, 1_000_000],
  rounds: [1, 100],
  connections: [1, 1_000],
  objects: [2_000, 10_000_000],
} as const;
const ids: readonly string[] = [...pairs.map(({ id }) => id), slowId, objectsId];

export const usage = `node bench/main.ts [options]

  --requests N     requests of a round (20000)
  --rounds N       rounds of each pair (5)
  --connections N  connections of the load (16)
  --objects N      objects in the larger stores of ${objectsId} (1000000)
  --only A,B       only these: ${ids.join(', ')}
  --no-pin         leave it to the system which cores servers and load run on
  --write FILE     write the report into this file, too, and the chart beside it (.svg)
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
      objects: { type: 'string', default: '1000000' },
      only: { type: 'string' },
      'no-pin': { type: 'boolean', default: false },
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
  const objects = count('objects', values.objects);
  return {
    plan,
    ...chosen(values.only, objects),
    isPinned: !values['no-pin'],
    write: page(values.write),
    isHelp: values.help,
  };
}

/** The chart has the page's name with another ending. */
function page(file: string | undefined): string | undefined {
  if (file?.endsWith('.svg')) throw new Error(`--write names the page, ${file} would be the chart's`);
  return file;
}

function count(name: keyof typeof counts, text: string): number {
  const [least, most] = counts[name];
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new Error(`--${name} is a number from ${least} to ${most}, not ${text}`);
  return value;
}

function chosen(only: string | undefined, objects: number): Pick<Wishes, 'pairs' | 'objects' | 'slow'> {
  if (only === undefined) return { pairs, objects, slow: true };
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !ids.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows no ${unknown}; there are ${ids.join(', ')}`);
  return {
    pairs: names.flatMap((name) => pairs.filter(({ id }) => id === name)),
    objects: names.includes(objectsId) ? objects : undefined,
    slow: names.includes(slowId),
  };
}
