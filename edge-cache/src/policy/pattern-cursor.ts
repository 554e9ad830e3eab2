/** What is wrong with a pattern, and at which of its characters. */
export class Mistake extends Error {
  readonly at: number;

  constructor(why: string, at: number) {
    super(why);
    this.at = at;
  }
}

/** A place in a pattern that is being read. */
export class Cursor {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  peek(): string {
    return this.#source[this.#at] ?? '';
  }

  next(): string {
    const character = this.peek();
    this.#at += 1;
    return character;
  }

  isAt(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  takes(text: string): boolean {
    if (!this.isAt(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** What a sticky pattern finds here. */
  takesMatch(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#source);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  isAtMatch(sticky: RegExp): boolean {
    sticky.lastIndex = this.#at;
    return sticky.test(this.#source);
  }

  /** Everything up to a mark, which is taken too, or up to the end. */
  until(mark: string): string {
    const end = this.#source.indexOf(mark, this.#at);
    const taken = this.#source.slice(this.#at, end < 0 ? undefined : end);
    this.#at += taken.length + (end < 0 ? 0 : mark.length);
    return taken;
  }

  mistake(why: string, back = 0): Mistake {
    return this.mistakeAt(why, this.#at + back);
  }

  mistakeAt(why: string, at: number): Mistake {
    return new Mistake(why, at);
  }
}
