/** What a client has sent and nobody has taken yet, cut into heads. However the network split it, the heads are the same. */

const nothing = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n');

export class Inflow {
  #bytes: Buffer = nothing;
  /** Where the first head begins, and up to where its end is known not to lie. */
  #from = 0;
  #searched = 0;

  get length(): number {
    return this.#bytes.length - this.#from;
  }

  add(bytes: Buffer): void {
    const { length } = this;
    this.#bytes = length === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#from), bytes]);
    this.#from = 0;
    if (length === 0) this.#searched = 0;
  }

  /** The next head with the empty line that ends it; undefined until it has come. */
  next(): Buffer | undefined {
    const end = this.#bytes.indexOf(headEnd, this.#from + this.#searched);
    if (end < 0) {
      // An idle connection keeps nothing of its last packet.
      if (this.length === 0) this.#forget();
      this.#searched = Math.max(0, this.length - headEnd.length + 1);
      return undefined;
    }
    const head = this.#bytes.subarray(this.#from, end + headEnd.length);
    this.#from = end + headEnd.length;
    this.#searched = 0;
    return head;
  }

  /** Puts the head that `next` gave last back. */
  putBack(head: Buffer): void {
    this.#from -= head.length;
  }

  /** The beginning of what there is, as latin-1 text. */
  beginning(bytes: number): string {
    return this.#bytes.toString('latin1', this.#from, this.#from + bytes);
  }

  /** Gives up all that there is. */
  takeAll(): Buffer {
    const rest = this.#bytes.subarray(this.#from);
    this.#forget();
    return rest;
  }

  #forget(): void {
    this.#bytes = nothing;
    this.#from = 0;
    this.#searched = 0;
  }
}
