/**
 * Frames of the private wire to Python workers: one letter, four bytes of length (big-endian), the payload. Pure.
 * A stream that does not keep to it has no next frame that could be believed: its connection is to be closed.
 */
import { GrowingBuffer } from '@trivet/kit/http1/body/growing-buffer.ts';

/** Longest payload of a frame, bytes. */
export const longestPayload = 1024 * 1024;

const headerBytes = 5;
const nothing = Buffer.alloc(0);

/** The first bytes of a frame whose payload is written behind them. */
export function frameStart(letter: string, length: number): Buffer {
  const start = Buffer.allocUnsafe(headerBytes);
  start.write(letter, 'latin1');
  start.writeUInt32BE(length, 1);
  return start;
}

/** A whole frame; its payload is copied. */
export function frame(letter: string, payload: Uint8Array = nothing): Buffer {
  return Buffer.concat([frameStart(letter, payload.length), payload]);
}

/** A whole frame as latin-1 text, each character a byte; undefined when it would be too long. */
export function textFrame(letter: string, payload: string): string | undefined {
  const { length } = payload;
  if (length > longestPayload) return undefined;
  return (
    letter + String.fromCharCode(length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255) + payload
  );
}

/**
 * Takes bytes as they come, and tells of each frame. The payload of `D` is told of in pieces, as slices of what came; that of
 * any other frame whole, and at most `longestPayload` of it is ever kept.
 */
export class FrameParser<Letter extends string> {
  readonly #letters: readonly (Letter | undefined)[];
  readonly #onFrame: (letter: Letter, payload: Buffer) => void;
  readonly #header = Buffer.alloc(headerBytes);
  #headerLength = 0;
  #letter: Letter | undefined;
  /** What is to come of the payload. */
  #left = 0;
  readonly #payload = new GrowingBuffer();

  /** `letters`: those of the frames that the other side may send. */
  constructor(letters: readonly Letter[], onFrame: (letter: Letter, payload: Buffer) => void) {
    const byCode: (Letter | undefined)[] = new Array(256).fill(undefined);
    for (const letter of letters) byCode[letter.charCodeAt(0)] = letter;
    this.#letters = byCode;
    this.#onFrame = onFrame;
  }

  /** Returns why these bytes are none of frames; the parser is of no use then. */
  push(chunk: Buffer): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#letter === undefined) {
        at = this.#takeHeader(chunk, at);
        if (this.#headerLength < headerBytes) return undefined;
        const why = this.#begin();
        if (why !== undefined) return why;
      } else {
        const piece = chunk.subarray(at, at + this.#left);
        at += piece.length;
        this.#take(this.#letter, piece);
      }
    }
    return undefined;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerLength, at, at + headerBytes - this.#headerLength);
    this.#headerLength += taken;
    return at + taken;
  }

  #begin(): string | undefined {
    const code = this.#header[0] ?? 0;
    const letter = this.#letters[code];
    const length = this.#header.readUInt32BE(1);
    this.#headerLength = 0;
    if (letter === undefined) return `a frame of the unknown type ${code}`;
    if (length > longestPayload) return `a frame ${letter} of ${length} bytes`;
    if (length === 0) {
      this.#onFrame(letter, nothing);
      return undefined;
    }
    this.#letter = letter;
    this.#left = length;
    return undefined;
  }

  #take(letter: Letter, piece: Buffer): void {
    this.#left -= piece.length;
    const isWhole = this.#left === 0;
    if (isWhole) this.#letter = undefined;
    if (letter === 'D') return this.#onFrame(letter, piece);
    this.#payload.add(piece);
    if (isWhole) this.#onFrame(letter, this.#payload.take());
  }
}
