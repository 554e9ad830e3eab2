/** The connection of a worker that no request goes over: ready, failed, alive, leaving. Frames whose payload is JSON. */
import type { Socket } from 'node:net';
import { FrameParser, frame } from '../frames.ts';
import { type Failure, readFailure, readPong } from './told.ts';

export type FromControl =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** `rssBytes`: where the worker knows it. */
  | { readonly kind: 'pong'; readonly rssBytes: number | undefined }
  /** It was told from outside to end. */
  | { readonly kind: 'leaving' };

export type ControlEvents = {
  onSaid(said: FromControl): void;
  /** Once; `broken` where it did not keep to the protocol. */
  onEnd(broken: string | undefined): void;
};

const letters = ['r', 'f', 'p', 'l'] as const;

/** `p`: are you there? `d`: what has no end is to end. `q`: no more requests will come, end. */
type ToControl = 'p' | 'd' | 'q';

export class ControlLine {
  readonly #socket: Socket;
  #broken: string | undefined;

  constructor(socket: Socket, { onSaid, onEnd }: ControlEvents) {
    this.#socket = socket;
    const parser = new FrameParser(letters, (letter, payload) => this.isOpen && onSaid(saidBy(letter, payload)));
    socket.once('close', () => onEnd(this.#broken));
    socket.on('data', (bytes: Buffer) => {
      const why = parser.push(bytes);
      if (why === undefined || !this.isOpen) return;
      this.#broken = `it sent ${why} on its control connection`;
      this.close();
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(letter: ToControl): void {
    if (this.#socket.writable) this.#socket.write(frame(letter, Buffer.from('{}')));
  }

  close(): void {
    this.#socket.destroy();
  }
}

function saidBy(letter: (typeof letters)[number], payload: Buffer): FromControl {
  switch (letter) {
    case 'r':
      return { kind: 'ready' };
    case 'f':
      return { kind: 'failed', failure: readFailure(payload.toString()) };
    case 'p':
      return { kind: 'pong', rssBytes: readPong(payload.toString()) };
    case 'l':
      return { kind: 'leaving' };
  }
}
