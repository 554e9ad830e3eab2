/**
 * Sends large parts of an open file through two buffers that take turns: one is filled while the other is on its way. A
 * buffer is filled again only when the system has taken all that was in it, else other bytes would go out in their place.
 */
import type { ServerResponse } from 'node:http';
import { Fault } from '../semantics/fault.ts';
import type { ByteRange } from '../semantics/range.ts';
import type { Handle } from './opened.ts';

/** What is read at positions: an open file, whoever else reads from it. */
export type Readable = Pick<Handle, 'read'>;

/** Bytes of a file, and the text that goes out before them. */
export type Piece = { readonly before: string; readonly range: ByteRange };

const bufferBytes = 128 * 1024;

// Memory that is asked of the system anew for each part has to be cleared for each part.
const idle: Buffer[] = [];
const mostIdle = 32;

/** Writes the bytes of `range` and ends the response; returns early when the client leaves. @throws Fault when the file is cut. */
export async function streamFile(response: ServerResponse, file: Readable, range: ByteRange): Promise<void> {
  await streamPieces(response, file, [{ before: '', range }], '');
}

/** As `streamFile`, piece by piece, with `tail` behind the last. */
export async function streamPieces(
  response: ServerResponse,
  file: Readable,
  pieces: readonly Piece[],
  tail: string,
): Promise<void> {
  const turns = new Turns(response);
  for (const { before, range } of pieces) {
    if (before !== '') response.write(before, 'latin1');
    if (!(await writeRange(turns, file, range))) return;
  }
  if (await turns.over()) response.end(tail, 'latin1');
}

/**
 * Writes what is in the file from `first` on, at most `most` bytes of it, and leaves the response open. How many there
 * were; fewer than the file has when the client leaves.
 */
export async function streamOn(
  response: ServerResponse,
  file: Readable,
  { first, most }: { readonly first: number; readonly most: number },
): Promise<number> {
  const turns = new Turns(response);
  let written = 0;
  while (written < most) {
    const turn = await turns.next();
    if (turn === undefined) return written;
    const { bytesRead } = await file.read(turn.buffer, 0, Math.min(bufferBytes, most - written), first + written);
    if (bytesRead === 0) break;
    turn.write(bytesRead);
    written += bytesRead;
  }
  await turns.over();
  return written;
}

/** What is in the file from `first` on, at most `most` bytes of it. */
export async function readUpTo(file: Readable, first: number, most: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await file.read(bytes, length, most - length, first + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** False when nobody takes it any more. */
async function writeRange(turns: Turns, file: Readable, { first, last }: ByteRange): Promise<boolean> {
  for (let at = first; at <= last; ) {
    const turn = await turns.next();
    if (turn === undefined) return false;
    const { bytesRead } = await file.read(turn.buffer, 0, Math.min(bufferBytes, last - at + 1), at);
    // Padding would make a page of it that nobody wrote; ending here would leave the client waiting.
    if (bytesRead === 0) throw cutShort(at, last);
    turn.write(bytesRead);
    at += bytesRead;
  }
  return true;
}

/** A file that has become shorter than was promised. */
export function cutShort(at: number, last: number): Fault {
  return new Fault('internal', `the file was cut at byte ${at} while byte ${last} was promised`);
}

class Turns {
  readonly #response: ServerResponse;
  #one: Turn | undefined;
  #other: Turn | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** A buffer that nobody reads from; undefined when the client has left. */
  async next(): Promise<Turn | undefined> {
    // A file that fits into one buffer needs no second.
    const turn = this.#other ?? new Turn(this.#response);
    this.#other = this.#one;
    this.#one = turn;
    await turn.taken;
    return this.#response.destroyed ? undefined : turn;
  }

  /** True once all that was written is taken; the buffers may be others' from then on. */
  async over(): Promise<boolean> {
    await this.#one?.taken;
    await this.#other?.taken;
    if (this.#response.destroyed) return false;
    for (const turn of [this.#one, this.#other]) if (turn && idle.length < mostIdle) idle.push(turn.buffer);
    return true;
  }
}

class Turn {
  readonly buffer = idle.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  readonly #response: ServerResponse;
  /** Resolves when nobody reads from the buffer any more, or nobody will. */
  taken = Promise.resolve();
  #resolve: (() => void) | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', () => this.#resolve?.());
  }

  write(length: number): void {
    this.taken = new Promise((resolve) => {
      this.#resolve = resolve;
      this.#response.write(this.buffer.subarray(0, length), () => resolve());
    });
  }
}
