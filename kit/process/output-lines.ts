/** What a process says on a pipe, as lines; one that never ends its line is cut, and cannot fill our memory. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line of the log is shorter: the longest target and head fit in. */
const longestLine = 128 * 1024;

/** Tells each line that comes out of the stream, without its end; empty ones are left out. */
export function eachLine(stream: Readable, tell: (line: string) => void, longest = longestLine): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const say = (line: string) => {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    for (let at = 0; at < text.length; at += longest) tell(text.slice(at, at + longest));
  };
  stream.on('data', (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) say(part);
    while (rest.length >= longest) {
      say(rest.slice(0, longest));
      rest = rest.slice(longest);
    }
  });
  stream.on('end', () => say(rest + decoder.end()));
  // A pipe that breaks has said what it had to say.
  stream.on('error', () => say(rest));
}

/** The last lines of many. */
export class Tail {
  readonly #most: number;
  #lines: readonly string[] = [];

  constructor(most = 20) {
    this.#most = most;
  }

  add(line: string): void {
    this.#lines = [...this.#lines, line.slice(0, 400)].slice(-this.#most);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
