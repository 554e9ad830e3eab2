// What stands behind a name: a name server that the test fills, and servers at several addresses of one port.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Lookup } from '../upstream/options.ts';
import { listenSomewhere } from './place.ts';

/** A name server: the addresses of each name, until the test writes others. A name without a row does not exist. */
export class ScriptedNames {
  readonly rows: Map<string, readonly string[]>;
  /** How often each name was asked for. */
  asked = 0;
  /** While set, questions are kept until `answer`. */
  isSilent = false;
  #kept: (() => void)[] = [];

  constructor(rows: Readonly<Record<string, readonly string[]>>) {
    this.rows = new Map(Object.entries(rows));
  }

  readonly lookup: Lookup = (host, done) => {
    this.asked += 1;
    const answer = () => {
      const found = this.rows.get(host);
      if (found === undefined) done(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }), []);
      else done(null, found);
    };
    if (this.isSilent) this.#kept.push(answer);
    else queueMicrotask(answer);
  };

  /** Answers what it was asked while it was silent. */
  answer(): void {
    this.isSilent = false;
    for (const answer of this.#kept.splice(0)) answer();
  }
}

/** Servers that share a port, each at a loopback address of its own, which it answers with. */
export class Namesakes implements AsyncDisposable {
  readonly port: number;
  readonly #servers: ReadonlyMap<string, Server>;

  constructor(port: number, servers: ReadonlyMap<string, Server>) {
    this.port = port;
    this.#servers = servers;
  }

  /** The address takes no connection any more; those that stand are cut. */
  async stop(host: string): Promise<void> {
    const server = this.#servers.get(host);
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async connections(host: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#servers.get(host)?.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#servers.keys(), (host) => this.stop(host)));
  }
}

/** Starts one for each of `127.0.0.1`, `127.0.0.2`, … up to `count`; they answer when `gate` opens. */
export async function namesakes(count: number, gate: Promise<void> = Promise.resolve()): Promise<Namesakes> {
  const servers = new Map<string, Server>();
  let port = 0;
  for (let last = 1; last <= count; last++) {
    const host = `127.0.0.${last}`;
    const server = createServer((_request, response) => void gate.then(() => response.end(host)));
    if (port === 0) port = (await listenSomewhere(server)).port;
    else await once(server.listen(port, host), 'listening');
    servers.set(host, server);
  }
  return new Namesakes(port, servers);
}
