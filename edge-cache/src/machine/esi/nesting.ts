import type { HostRule } from '../../policy/esi/target.ts';
import type { Exchange } from '../exchange.ts';

/** What includes may do at all. */
export type EsiRules = {
  readonly hosts: HostRule;
  /** How deep fragments may include fragments; those of the page itself are 1 deep. */
  readonly depth: number;
  /** How many a page may have, all levels together. */
  readonly includes: number;
};

/** Where in a page an answer stands that has markup of its own. */
export type Nesting = {
  /** 0 for the page. */
  readonly depth: number;
  /** What it is part of, from the page down to itself: method, host and path. */
  readonly line: readonly string[];
  /** What was asked for so far, for all of the page. */
  readonly tally: { fragments: number };
};

/** Where this exchange stands: a fragment was told so, all else is a page. */
export function nestingOf({ nesting, method, resource }: Exchange): Nesting {
  return nesting ?? { depth: 0, line: [nameOf(method, resource)], tally: { fragments: 0 } };
}

/** One level down. */
export function nestedIn({ depth, line, tally }: Nesting, name: string): Nesting {
  return { depth: depth + 1, line: [...line, name], tally };
}

/** By what an answer is told from those that it is part of. */
export function nameOf(method: string, { host, path }: Exchange['resource']): string {
  return `${method} ${host}${path}`;
}
