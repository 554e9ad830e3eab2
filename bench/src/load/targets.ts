/** What is asked for, as a rule: a million targets need not be made before they are asked, nor sent to another process. */
import { randomOf } from './random.ts';

export type Targets =
  /** These in turn, from the first again after the last. */
  | { readonly rule: 'list'; readonly list: readonly string[] }
  /** `prefix` and a number that counts up from `from`: none twice. */
  | { readonly rule: 'distinct'; readonly prefix: string; readonly from?: number }
  /**
   * `prefix` and a number below `count`, each as likely as the other; a `newShare` (0–1) of the requests are for
   * targets that no load with another seed asks for.
   */
  | {
      readonly rule: 'spread';
      readonly prefix: string;
      readonly count: number;
      readonly seed: number;
      readonly newShare?: number;
    };

export const list = (...targets: readonly string[]): Targets => ({ rule: 'list', list: targets });

/** Gives one target after the other, without end. */
export function targetsOf(targets: Targets): () => string {
  switch (targets.rule) {
    case 'list':
      return inTurn(targets.list);
    case 'distinct': {
      const { prefix, from = 0 } = targets;
      let n = from;
      return () => `${prefix}${n++}`;
    }
    case 'spread': {
      const { prefix, count, seed, newShare = 0 } = targets;
      const random = randomOf(seed);
      let added = 0;
      return () => {
        if (newShare > 0 && random() < newShare) return `${prefix}new-${seed}-${added++}`;
        return `${prefix}${Math.floor(random() * count)}`;
      };
    }
  }
}

function inTurn(targets: readonly string[]): () => string {
  if (targets.length === 0) throw new Error('there is no target to ask for');
  let n = 0;
  return () => targets[n++ % targets.length] ?? '/';
}
