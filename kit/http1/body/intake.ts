/**
 * Takes a request body from its client before anybody is asked: nginx's proxy_request_buffering. The app waits for no
 * client; what is larger than memory allows waits on the disk.
 */
import type { IncomingMessage } from 'node:http';
import { passed } from '../../process/buffer-collector.ts';
import { Fault } from '../../semantics/fault.ts';
import type { Outlet } from '../outlet.ts';
import { BodyFile, storageFault } from './body-file.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import type { HeldBody } from './held-body.ts';
import type { Room } from './room.ts';
import type { TempFolder } from './temp-folder.ts';

/** Where bodies wait. */
export type BodyPlaces = {
  /** Most bytes of one body that are kept in memory. */
  readonly most: number;
  /** That of all bodies. */
  readonly room: Room;
  readonly folder: Pick<TempFolder, 'create'>;
  /** What they may have of the disk. */
  readonly disk: Room;
};

/** A whole body; it has to be disposed of once nobody reads it any more. */
export type TakenBody = AsyncDisposable & { readonly body: Buffer | HeldBody; readonly length: number };

export type Taking = {
  readonly source: IncomingMessage;
  /** The exchange may be over before the body is: its client was too slow, or has left. */
  readonly response: Pick<Outlet, 'closed' | 'once' | 'off'>;
  readonly limit: number;
  readonly places: BodyPlaces;
};

/** Reads a body to its end. Rejects with a Fault: beyond `limit` bytes, when the client leaves, when the disk is full. */
export function takeBody(taking: Taking): Promise<TakenBody> {
  const { promise, resolve, reject } = Promise.withResolvers<TakenBody>();
  new Intake(taking, resolve, reject).begin();
  return promise;
}

/**
 * By its announcement alone: nothing is read, nothing is sent, and who waits for 100 Continue never sends it.
 * @throws Fault `body-too-large`
 */
export function refuseTooLarge(length: number | undefined, limit: number): void {
  if (length === undefined || length <= limit) return;
  throw new Fault('body-too-large', `the request body has ${length} bytes, the limit is ${limit}`);
}

class Intake {
  readonly #taking: Taking;
  readonly #resolve: (body: TakenBody) => void;
  readonly #reject: (fault: Fault) => void;
  /** All of it, or what comes behind the part that is on the disk: that is written in large pieces. */
  readonly #memory = new GrowingBuffer();
  #file: BodyFile | undefined;
  /** What is to be written. */
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isStoring = false;
  #hasEnded = false;
  #isOver = false;

  constructor(taking: Taking, resolve: (body: TakenBody) => void, reject: (fault: Fault) => void) {
    this.#taking = taking;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const { source, response } = this.#taking;
    if (source.readableEnded) return this.#onEnd();
    if (source.closed || response.closed) return this.#onClose();
    source.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onClose);
    // node:http forgets the request of an answer that is out: nothing would be heard of it any more.
    response.once('close', this.#onClose);
    // A body that has come whole already may be paused behind another reader's peek.
    source.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    const { limit, places } = this.#taking;
    this.#bytes += chunk.length;
    passed(chunk.length);
    if (this.#bytes > limit) {
      const why = `the request body is larger than the limit of ${limit} bytes`;
      return this.#fail(new Fault('body-too-large', why));
    }
    // While the disk is at work nothing should come, for the flow is off; what comes all the same waits for its turn.
    const isForMemory = !this.#isStoring && this.#memory.length + chunk.length <= places.most;
    if (isForMemory && places.room.take(chunk.length)) return this.#memory.add(chunk);
    this.#waiting.push(chunk);
    if (!this.#isStoring) void this.#store();
  };

  // The end may be told of while the flow is off.
  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (this.#isStoring) return;
    if (this.#file === undefined) this.#taken(inMemory(this.#memory.take(), this.#taking.places.room));
    else void this.#store();
  };

  readonly #onClose = (): void => {
    const { source, response } = this.#taking;
    if (source.complete && !response.closed) return;
    this.#fail(new Fault('client-left', 'the client left in the middle of its request'));
  };

  /** Writes all that is here; the client waits for the disk. */
  async #store(): Promise<void> {
    const { source } = this.#taking;
    this.#isStoring = true;
    source.pause();
    try {
      const { folder, disk } = this.#taking.places;
      this.#file ??= new BodyFile(await folder.create(), disk);
      await this.#append(this.#file);
    } catch (error) {
      this.#fail(storageFault(error));
    }
    this.#isStoring = false;
    if (this.#isOver) await this.#file?.[Symbol.asyncDispose]();
    else if (this.#hasEnded && this.#file !== undefined) this.#taken(onDisk(this.#file));
    else source.resume();
  }

  async #append(file: BodyFile): Promise<void> {
    const inMemory = this.#memory.take();
    this.#taking.places.room.giveBack(inMemory.length);
    await file.append(inMemory);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await file.append(next);
  }

  #taken(body: TakenBody): void {
    this.#over();
    this.#resolve(body);
  }

  #fail(fault: Fault): void {
    if (this.#isOver) return;
    this.#over();
    this.#taking.places.room.giveBack(this.#memory.take().length);
    this.#waiting = [];
    // What was begun is taken off the wire to its end, or the client would wait for room to send the rest.
    this.#taking.source.resume();
    void this.#file?.[Symbol.asyncDispose]();
    this.#reject(fault);
  }

  #over(): void {
    this.#isOver = true;
    const { source, response } = this.#taking;
    source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    response.off('close', this.#onClose);
  }
}

function inMemory(body: Buffer, room: Room): TakenBody {
  const { length } = body;
  return { body, length, [Symbol.asyncDispose]: async () => room.giveBack(length) };
}

function onDisk(file: BodyFile): TakenBody {
  return { body: file, length: file.length, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}
