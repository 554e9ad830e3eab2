/**
 * Compresses one body on its way into a cache, or to a client. Nothing of it waits long: what came is passed on within
 * `LONGEST_WAIT_MS`, however slowly the rest comes. What is short and comes at once is compressed at once, which spares a
 * stream and a turn of the event loop, and leaves the length known when the head is written.
 */
import type { Transform } from 'node:stream';
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { Coding } from '../semantics/content-coding.ts';
import { Fault } from '../semantics/fault.ts';

/** How long a byte may wait for others; milliseconds. */
const LONGEST_WAIT_MS = 10;
/** Takes less than a millisecond of the event loop, and by way of another thread twice the CPU time; bytes. */
const MOST_AT_ONCE_BYTES = 64 * 1024;
/** A compressing stream holds on to 1.3 MB at most; beyond so many at once, what comes stays as it is. */
const MOST_STREAMS = 48;
/** Of the window that a decoder has to hold: 128 KB. */
const WINDOW_BITS = 17;
/** Half a megabyte less than by default, and no byte of text more. */
const TABLE_BITS = 15;

/** Where the compressed bytes go. */
export type EncoderSink = {
  /** False holds the encoder back until `resume`. */
  onBytes(chunk: Buffer): boolean;
  /** The origin may go on after `write` said false. */
  onRoom(): void;
  onFault(fault: Fault): void;
};

/** All compression under way, and its limit. */
export class Encoders {
  #streams = 0;

  /** An encoder for a body of `length` bytes; undefined when there are too many. */
  begin(coding: Coding, length: number | undefined): Encoder | undefined {
    if (length !== undefined && length <= MOST_AT_ONCE_BYTES) return new Encoder(coding, length, () => undefined);
    if (this.#streams >= MOST_STREAMS) return undefined;
    this.#streams += 1;
    return new Encoder(coding, length, () => {
      this.#streams -= 1;
    });
  }

  /** Streams that are open, or may yet be. */
  get streams(): number {
    return this.#streams;
  }
}

export class Encoder {
  readonly #coding: Coding;
  readonly #length: number | undefined;
  readonly #onOver: () => void;
  #sink: EncoderSink | undefined;
  /** What came before there was a stream. */
  #waiting: Buffer[] = [];
  #plainBytes = 0;
  #stream: Transform | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(coding: Coding, length: number | undefined, onOver: () => void) {
    this.#coding = coding;
    this.#length = length;
    this.#onOver = onOver;
  }

  /** What came so far, uncompressed; bytes. */
  get plainBytes(): number {
    return this.#plainBytes;
  }

  /** Has to be called before anything is written. */
  into(sink: EncoderSink): void {
    this.#sink = sink;
  }

  /** Takes what came; false holds the origin back until `onRoom`. */
  write(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    this.#plainBytes += chunk.length;
    this.#timer ??= setTimeout(() => this.#flush(), LONGEST_WAIT_MS);
    if (this.#stream !== undefined) return this.#stream.write(chunk);
    this.#waiting.push(chunk);
    return this.#plainBytes <= MOST_AT_ONCE_BYTES || !this.#open().writableNeedDrain;
  }

  /** There is no more; `onEnd` follows the last compressed byte, and never comes when it is abandoned before. */
  end(onEnd: () => void): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    if (this.#stream === undefined) return this.#atOnce(onEnd);
    this.#stream.once('end', () => {
      if (this.#isOver) return;
      this.#over();
      onEnd();
    });
    this.#stream.end();
  }

  /** The sink has room again. */
  resume(): void {
    this.#stream?.resume();
  }

  /** Nobody wants the rest. */
  abandon(): void {
    if (this.#isOver) return;
    this.#over();
    this.#stream?.destroy();
  }

  #atOnce(onEnd: () => void): void {
    let bytes: Buffer;
    try {
      bytes = encodeAtOnce(this.#coding, Buffer.concat(this.#waiting));
    } catch (cause) {
      return this.#failed(cause);
    }
    this.#sink?.onBytes(bytes);
    // The sink may have had enough.
    if (this.#isOver) return;
    this.#over();
    onEnd();
  }

  #open(): Transform {
    const stream = newStream(this.#coding, this.#length);
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => {
      if (!this.#isOver && this.#sink?.onBytes(bytes) === false) stream.pause();
    });
    stream.on('drain', () => this.#isOver || this.#sink?.onRoom());
    stream.on('error', (cause) => this.#failed(cause));
    for (const chunk of this.#waiting) stream.write(chunk);
    this.#waiting = [];
    return stream;
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#isOver) return;
    flush(this.#stream ?? this.#open(), this.#coding);
  }

  #failed(cause: unknown): void {
    if (this.#isOver) return;
    this.abandon();
    this.#sink?.onFault(new Fault('internal', `a body could not be compressed with ${this.#coding}`, { cause }));
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#onOver();
  }
}

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_OPERATION_FLUSH } = constants;
const { ZSTD_c_compressionLevel, ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog, ZSTD_e_flush } = constants;

// Fast levels: a body is compressed while its first clients wait for it. Windows and buffers are no larger than a short body
// can use: what zlib allocates counts with the garbage collector, which would run the more often.
const gzipOptions = (length?: number) => ({
  level: 5,
  windowBits: Math.min(windowBits(length), 15),
  memLevel: Math.min(windowBits(length) - 6, 8),
  chunkSize: chunkSize(length),
});
const zstdOptions = (length?: number) => ({
  params: {
    [ZSTD_c_compressionLevel]: 3,
    [ZSTD_c_windowLog]: windowBits(length),
    [ZSTD_c_hashLog]: TABLE_BITS,
    [ZSTD_c_chainLog]: TABLE_BITS,
  },
  chunkSize: chunkSize(length),
  ...(length === undefined ? {} : { pledgedSrcSize: length }),
});
const brotliOptions = (length?: number) => ({
  params: {
    [BROTLI_PARAM_QUALITY]: 4,
    [BROTLI_PARAM_LGWIN]: windowBits(length),
    [BROTLI_PARAM_SIZE_HINT]: length ?? 0,
  },
  chunkSize: chunkSize(length),
});

function windowBits(length = Number.POSITIVE_INFINITY): number {
  return Math.min(Math.max(Math.ceil(Math.log2(length + 1)), 10), WINDOW_BITS);
}

// Of the buffers that are filled; text takes a third of its length or less.
function chunkSize(length = Number.POSITIVE_INFINITY): number {
  return Math.min(Math.max(Math.ceil(length / 2), 1024), 16 * 1024);
}

function newStream(coding: Coding, length: number | undefined): Transform {
  switch (coding) {
    case 'zstd':
      return createZstdCompress(zstdOptions(length));
    case 'br':
      return createBrotliCompress(brotliOptions(length));
    case 'gzip':
      return createGzip(gzipOptions(length));
  }
}

function encodeAtOnce(coding: Coding, bytes: Buffer): Buffer {
  const { length } = bytes;
  switch (coding) {
    case 'zstd':
      return zstdCompressSync(bytes, zstdOptions(length));
    case 'br':
      return brotliCompressSync(bytes, brotliOptions(length));
    case 'gzip':
      return gzipSync(bytes, gzipOptions(length));
  }
}

function flush(stream: Transform, coding: Coding): void {
  if (!('flush' in stream) || typeof stream.flush !== 'function') return;
  const kinds = { zstd: ZSTD_e_flush, br: BROTLI_OPERATION_FLUSH, gzip: constants.Z_SYNC_FLUSH } as const;
  stream.flush(kinds[coding]);
}
