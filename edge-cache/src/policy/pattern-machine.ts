/**
 * Runs a pattern over a text without ever going back (Thompson 1968): all ways to match are followed side by side, so that
 * the time grows with the length of the text times that of the pattern, whoever made the text.
 */
import type { Node } from './pattern-parser.ts';
import { type CharacterSet, isWordCharacter, OTHERS } from './pattern-sets.ts';

/** Between two characters of a text. */
type Place = { readonly text: string; readonly at: number };

type Assertion = 'start' | 'end' | 'boundary' | 'no-boundary';

type Instruction =
  | { readonly do: 'take'; readonly set: CharacterSet }
  | { readonly do: 'assert'; readonly what: Assertion }
  /** Goes on here and there. */
  | { readonly do: 'fork'; here: number; there: number }
  | { readonly do: 'match' };

/** With repetitions written out. */
const MOST_INSTRUCTIONS = 20_000;

/** A pattern without look-around and references, made ready; undefined when it is too large. */
export class PatternMachine {
  readonly #program: readonly Instruction[];

  static of(node: Node): PatternMachine | undefined {
    const program: Instruction[] = [];
    if (!compile(node, program)) return undefined;
    program.push({ do: 'match' });
    return new PatternMachine(program);
  }

  private constructor(program: readonly Instruction[]) {
    this.#program = program;
  }

  /** Does it match anywhere in the text? */
  test(text: string): boolean {
    let now = new Threads(this.#program.length);
    let next = new Threads(this.#program.length);
    for (let at = 0; ; at++) {
      // A match may begin at any character.
      if (this.#follow(0, now, { text, at })) return true;
      if (at >= text.length) return false;
      next.clear();
      if (this.#step(now, next, { text, at })) return true;
      [now, next] = [next, now];
    }
  }

  /** Takes one character; true when that completes a match. */
  #step(threads: Threads, next: Threads, { text, at }: Place): boolean {
    const code = Math.min(text.charCodeAt(at), OTHERS);
    for (let i = 0; i < threads.size; i++) {
      const place = threads.at(i);
      const instruction = this.#program[place];
      if (instruction?.do !== 'take' || instruction.set[code] !== 1) continue;
      if (this.#follow(place + 1, next, { text, at: at + 1 })) return true;
    }
    return false;
  }

  /** Adds the places that are reached from one without taking a character; true when the end is among them. */
  #follow(from: number, threads: Threads, where: Place): boolean {
    const open = [from];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (!threads.add(place)) continue;
      const instruction = this.#program[place];
      if (instruction?.do === 'match') return true;
      if (instruction?.do === 'fork') open.push(instruction.there, instruction.here);
      if (instruction?.do === 'assert' && holds(instruction.what, where)) open.push(place + 1);
    }
    return false;
  }
}

/** Places in a program, each once, in the order in which they came. */
class Threads {
  readonly #places: Int32Array;
  readonly #seen: Int32Array;
  #generation = 1;
  size = 0;

  constructor(most: number) {
    this.#places = new Int32Array(most);
    this.#seen = new Int32Array(most);
  }

  clear(): void {
    this.size = 0;
    this.#generation += 1;
  }

  at(index: number): number {
    return this.#places[index] ?? 0;
  }

  add(place: number): boolean {
    if (this.#seen[place] === this.#generation) return false;
    this.#seen[place] = this.#generation;
    this.#places[this.size] = place;
    this.size += 1;
    return true;
  }
}

function holds(what: Assertion, { text, at }: Place): boolean {
  switch (what) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'boundary':
      return isBoundary(text, at);
    case 'no-boundary':
      return !isBoundary(text, at);
  }
}

function isBoundary(text: string, at: number): boolean {
  const codeAt = (index: number) => (index < 0 || index >= text.length ? undefined : text.charCodeAt(index));
  return isWordCharacter(codeAt(at - 1)) !== isWordCharacter(codeAt(at));
}

/** Writes the program of a node behind what is there; false when that would be too long. */
function compile(node: Node, program: Instruction[]): boolean {
  if (program.length > MOST_INSTRUCTIONS) return false;
  switch (node.is) {
    case 'set':
      program.push({ do: 'take', set: node.set });
      return true;
    case 'start':
    case 'end':
    case 'boundary':
    case 'no-boundary':
      program.push({ do: 'assert', what: node.is });
      return true;
    case 'sequence':
      return node.parts.every((part) => compile(part, program));
    case 'choice':
      return compileChoice(node.parts, program);
    case 'group':
      return compile(node.part, program);
    case 'repeat':
      return compileRepeat(node, program);
    case 'look':
    case 'reference':
      return false;
  }
}

function fork(program: Instruction[]): Extract<Instruction, { do: 'fork' }> {
  const instruction = { do: 'fork' as const, here: program.length + 1, there: program.length + 1 };
  program.push(instruction);
  return instruction;
}

function compileChoice(parts: readonly Node[], program: Instruction[]): boolean {
  const exits: Extract<Instruction, { do: 'fork' }>[] = [];
  for (const part of parts) {
    const entrance = fork(program);
    if (!compile(part, program)) return false;
    exits.push(fork(program));
    entrance.there = program.length;
  }
  // Behind the last there is no other: what comes here leads nowhere.
  const dead = { do: 'take' as const, set: new Uint8Array(OTHERS + 1) };
  program.push(dead);
  for (const exit of exits) exit.here = exit.there = program.length;
  return true;
}

function compileRepeat({ part, least, most }: Extract<Node, { is: 'repeat' }>, program: Instruction[]): boolean {
  for (let i = 0; i < least; i++) if (!compile(part, program)) return false;
  if (most === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const entrance = fork(program);
    if (!compile(part, program)) return false;
    const back = fork(program);
    back.here = back.there = start;
    entrance.there = program.length;
    return true;
  }
  const entrances: Extract<Instruction, { do: 'fork' }>[] = [];
  for (let i = least; i < most; i++) {
    entrances.push(fork(program));
    if (!compile(part, program)) return false;
  }
  for (const entrance of entrances) entrance.there = program.length;
  return true;
}
