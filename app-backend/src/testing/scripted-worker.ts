/** The Python side of a slot, played by a test: it says exactly what it is told to, and keeps what it was asked. */
import type { Socket } from 'node:net';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { FrameParser, frame } from '../python/frames.ts';

/** A request as the worker has it so far. */
export type AskedOfWorker = {
  readonly flags: string;
  readonly ageMs: number;
  readonly variables: Readonly<Record<string, string>>;
  /** latin-1. */
  body: string;
  isBodyComplete: boolean;
  /** Why the answer is not wanted any more. */
  aborted: string | undefined;
};

export type Frames = readonly (readonly [letter: string, payload?: string | Buffer])[];

/** `200 OK`, fields, and a body, as the frames of a small answer. */
export function answerFrames(body: string, ...fields: string[]): Frames {
  const length = ['Content-Length', String(Buffer.byteLength(body))];
  return [['T'], ['H', ['200 OK', ...length, ...fields].join('\0')], ['D', body], ['E']];
}

export function framed(frames: Frames): Buffer {
  return Buffer.concat(
    frames.map(([letter, payload = '']) =>
      frame(letter, typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload),
    ),
  );
}

/** `R`: so many bytes more. */
export function credit(bytes: number): Frames[number] {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return ['R', payload];
}

export class ScriptedSlot {
  readonly socket: Socket;
  readonly asked: AskedOfWorker[] = [];
  /** Letters of the frames that came, in order. */
  heard = '';
  #taken = 0;

  /** `onAsked`: what it does with each request by itself. */
  constructor(socket: Socket, onAsked?: (request: AskedOfWorker, slot: ScriptedSlot) => void) {
    this.socket = socket;
    const parser = new FrameParser(['H', 'D', 'E', 'A'], (letter, payload) => {
      this.heard += letter;
      if (letter !== 'H') return tell(this.asked.at(-1), letter, payload);
      const request = askedOf(payload);
      this.asked.push(request);
      onAsked?.(request, this);
    });
    socket.on('data', (chunk: Buffer) => {
      const why = parser.push(chunk);
      if (why !== undefined) throw new Error(why);
    });
    socket.on('error', () => undefined);
  }

  /** The next request that it is asked. */
  async next(): Promise<AskedOfWorker> {
    const request = await eventually(() => {
      const one = this.asked[this.#taken];
      if (one === undefined) throw new Error(`${this.asked.length} requests came`);
      return one;
    });
    this.#taken += 1;
    return request;
  }

  /** In one write. */
  send(...frames: Frames): void {
    this.socket.write(framed(frames));
  }

  /** As a process that is killed. */
  die(): void {
    this.socket.destroy();
  }
}

function tell(request: AskedOfWorker | undefined, letter: 'D' | 'E' | 'A', payload: Buffer): void {
  if (request === undefined) return;
  if (letter === 'D') request.body += payload.toString('latin1');
  else if (letter === 'E') request.isBodyComplete = true;
  else request.aborted = payload.toString();
}

function askedOf(payload: Buffer): AskedOfWorker {
  const [flags = '', age = '', ...fields] = payload.toString('latin1').split('\0');
  const variables: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) variables[fields[i] ?? ''] = fields[i + 1] ?? '';
  return { flags, ageMs: Number(age), variables, body: '', isBodyComplete: false, aborted: undefined };
}
