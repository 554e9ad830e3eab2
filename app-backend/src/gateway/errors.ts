import type { ErrorStream } from '../wsgi.ts';

/** A line that never ends is given to the log in pieces of this many characters. */
const longestLine = 64 * 1024;

/** `wsgi.errors`: what the application writes there becomes lines of the log; every kind of line end counts as one. */
export class ErrorLines implements ErrorStream {
  // In an object of its own: V8 keeps each function that lies in a field until all of its memory is looked through.
  readonly #to: { readonly line: (text: string) => void };
  #partial = '';

  constructor(line: (text: string) => void) {
    this.#to = { line };
  }

  write(text: string): void {
    if (typeof text !== 'string') throw new TypeError('wsgi.errors takes text');
    const lines = (this.#partial + text).split(/\r\n|\n|\r(?!$)/);
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    if (this.#partial.length > longestLine) this.flush();
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    const rest = this.#partial.replace(/\r$/, '');
    this.#partial = '';
    this.#emit(rest);
  }

  #emit(line: string): void {
    if (line !== '') this.#to.line(line);
  }
}
