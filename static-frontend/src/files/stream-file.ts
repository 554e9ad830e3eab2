/**
 * Sends a large part of an open file through two buffers that take turns: one is filled while the other is on its way. A
 * buffer is filled again only when the system has taken all that was in it, else other bytes would go out in their place.
 */
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { ByteRange } from '@trivet/kit/semantics/range.ts';

/** What is read by its descriptor; a FileHandle. */
export type Readable = Pick<FileHandle, 'read'>;

const bufferBytes = 128 * 1024;

// Memory that is asked of the system anew for each part has to be cleared for each part.
const idle: Buffer[] = [];
const mostIdle = 32;

/** Writes the bytes of `range` and ends the response; returns early when the client leaves. @throws Fault when the file is cut. */
export async function streamFile(response: ServerResponse, file: Readable, { first, last }: ByteRange): Promise<void> {
  const turns = [new Turn(response), new Turn(response)] as const;
  let [turn, other] = turns;
  for (let at = first; at <= last; [turn, other] = [other, turn]) {
    await turn.taken;
    if (response.destroyed) return;
    const { bytesRead } = await file.read(turn.buffer, 0, Math.min(bufferBytes, last - at + 1), at);
    // Padding would make a page of it that nobody wrote; ending here would leave the client waiting.
    if (bytesRead === 0) throw cutShort(at, last);
    turn.write(bytesRead);
    at += bytesRead;
  }
  for (const { taken } of turns) await taken;
  if (response.destroyed) return;
  for (const { buffer } of turns) if (idle.length < mostIdle) idle.push(buffer);
  response.end();
}

/** A file that has become shorter than was promised. */
export function cutShort(at: number, last: number): Fault {
  return new Fault('internal', `the file was cut at byte ${at} while byte ${last} was promised`);
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
