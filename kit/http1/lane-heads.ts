/** The plain heads of one connection, in the order in which they came. */
import type { Inflow } from './inflow.ts';
import type { LaneCount } from './lane-count.ts';
import type { Limits } from './node-server.ts';
import { longestBeginning, mayBePlain, type PlainHead, readPlainHead } from './plain-head.ts';

export class LaneHeads {
  readonly #inflow: Inflow;
  readonly #count: LaneCount;
  readonly #limits: Limits;
  /** Found valid before. */
  #host: string | undefined;

  constructor(inflow: Inflow, count: LaneCount, limits: Limits) {
    this.#inflow = inflow;
    this.#count = count;
    this.#limits = limits;
  }

  /**
   * The next one, and its bytes; undefined until it has come. `odd`: it is none, or the last with more behind it. Behind the
   * last request nothing is served; the slow lane reads it away, so that no reset eats the answer.
   */
  next(): { readonly head: PlainHead; readonly bytes: Buffer } | 'odd' | undefined {
    const bytes = this.#inflow.next();
    if (bytes === undefined) return undefined;
    this.#count.came();
    const head = readPlainHead(bytes.toString('latin1'), this.#limits, this.#host);
    if (head === undefined || (this.#count.endsWith(head) && this.#inflow.length > 0)) {
      this.#inflow.putBack(bytes);
      return 'odd';
    }
    this.#host = head.host;
    return { head, bytes };
  }

  /** May what has come be the beginning of one? What may be refused before its end has come is the slow lane's to refuse. */
  mayGoOn(): boolean {
    const { maxHead, maxTarget } = this.#limits;
    const isShort = this.#inflow.length <= Math.min(maxHead, maxTarget);
    return isShort && mayBePlain(this.#inflow.beginning(longestBeginning));
  }
}
