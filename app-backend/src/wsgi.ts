/**
 * WSGI (PEP 3333) for TypeScript: the types that applications, middleware and the gateway share.
 *
 * One break with the PEP cannot be avoided: JavaScript has one thread, so reading the request's body is asynchronous.
 * `buffered` gives synchronous reads back to whoever can do with the whole body in memory. `exc_info` is one wrapper
 * object, so that a thrown `undefined` is still seen.
 */
import type { ReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Text whose code points are all at most U+00FF: bytes as PEP 3333 hands them to applications ("native strings"). */
export type Latin1 = string;

export type Header = readonly [name: string, value: Latin1];

/** The request, in the variables of CGI and of PEP 3333. A plain mutable object without prototype; the application owns it. */
export interface Environ {
  REQUEST_METHOD: string;
  /** Where the application is mounted: '' or a path that begins with '/', decoded. */
  SCRIPT_NAME: Latin1;
  /** The rest of the path, percent-decoded exactly once. */
  PATH_INFO: Latin1;
  QUERY_STRING: string;
  SERVER_NAME: string;
  SERVER_PORT: string;
  SERVER_PROTOCOL: string;
  CONTENT_TYPE?: string;
  CONTENT_LENGTH?: string;
  /** The client's address, by the word of trusted proxies; '' for a peer on a Unix socket. */
  REMOTE_ADDR: string;
  REMOTE_PORT?: string;
  REMOTE_USER?: string;
  AUTH_TYPE?: string;
  /** The target as received: what a decoded path no longer tells (`%2F`). */
  RAW_URI: string;
  REQUEST_URI: string;
  'wsgi.version': readonly [1, 0];
  'wsgi.url_scheme': 'http' | 'https';
  'wsgi.input': InputStream;
  'wsgi.errors': ErrorStream;
  'wsgi.multithread': boolean;
  'wsgi.multiprocess': boolean;
  'wsgi.run_once': boolean;
  /** The input's end is the body's end, also without CONTENT_LENGTH. */
  'wsgi.input_terminated': true;
  'wsgi.file_wrapper'?: FileWrapper;
  /** Sends a 103 with these fields (RFC 8297), to clients that know of it. */
  'wsgi.early_hints'?: (headers: readonly Header[]) => void;
  /** Aborted when the client left or the request's deadline passed. */
  'trivet.signal'?: AbortSignal;
  /** Aborted when this server is told to stop: answers without an end should end. */
  'trivet.draining'?: AbortSignal;
  /** The address that this connection came from, whoever it spoke for. */
  'trivet.peer_addr'?: string;
  /** The same, by the name that servers of every language here have for it. */
  'kit.peer_addr'?: string;
  'trivet.request_id'?: string;
  [header: `HTTP_${string}`]: Latin1 | undefined;
  [extension: `${string}.${string}`]: unknown;
}

/** Sends bytes ahead of the body. Await what it returns: it resolves when there is room for more. */
export type Write = (data: Uint8Array) => void | Promise<void>;

/** Takes the head of the answer; once, or again with `failure` as long as nothing was sent. PEP 3333, "start_response". */
export type StartResponse = (
  status: string,
  headers: readonly Header[],
  failure?: { readonly error: unknown },
) => Write;

/** The blocks of an answer. `close` is called exactly once, however the exchange ends; generators need none. */
export type Body = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & { close?(): void | Promise<void> };

export type Application = (environ: Environ, startResponse: StartResponse) => Body | Promise<Body>;

/** `wsgi.input`. Iteration is by lines, as PEP 3333 has it. Nobody closes it. */
export interface InputStream extends AsyncIterable<Uint8Array> {
  /** `size` bytes, fewer only at the end; everything without a size. At the end: no bytes, for ever. */
  read(size?: number): Promise<Uint8Array>;
  /** What has come, at most `size` bytes, one at least but for the end. Not in PEP 3333: servers may lack it. */
  read1?(size?: number): Promise<Uint8Array>;
  /** Up to and with the next line feed, at most `size` bytes. */
  readline(size?: number): Promise<Uint8Array>;
  /** Lines until their bytes reach `hint`; all without one. */
  readlines(hint?: number): Promise<Uint8Array[]>;
}

/** `wsgi.errors`: text for the log. */
export interface ErrorStream {
  write(text: string): void;
  writelines(lines: Iterable<string>): void;
  flush(): void;
}

/** What `wsgi.file_wrapper` takes: something to read blocks from, from where it stands. */
export interface FileLike {
  read(size: number): Uint8Array | Promise<Uint8Array>;
  close?(): void | Promise<void>;
}

/** Files of `node:fs` are taken, too: the server reads those itself. */
export type FileWrapper = (file: FileLike | FileHandle | ReadStream, blockSize?: number) => Body;
