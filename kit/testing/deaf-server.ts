import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Address } from '../process/units.ts';

const listenAndNeverAccept = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

// A queue of one holds two; what comes after them is dropped by the kernel without a word.
const queued = 2;

/** An address that answers no connection, as a host does that is gone: its thread sleeps and its queue is full. */
export class DeafServer implements AsyncDisposable {
  readonly address: Address;
  readonly #worker: Worker;
  readonly #fillers: readonly Socket[];

  constructor(worker: Worker, port: number, fillers: readonly Socket[]) {
    this.#worker = worker;
    this.#fillers = fillers;
    this.address = { kind: 'tcp', host: '127.0.0.1', port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }
}

/** Starts one on a free port. */
export async function deafServer(): Promise<DeafServer> {
  const worker = new Worker(listenAndNeverAccept, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: queued }, () => connect(port, '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => filler.destroy());
  await Promise.all(fillers.map((filler) => once(filler, 'connect')));
  return new DeafServer(worker, port, fillers);
}
