/** Clients that keep what they have of a server for as long as they may: each sends, or takes, a byte at a time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type SlowClient = {
  readonly name: string;
  /** What is sent at once, and what is sent a byte at a time after it. */
  readonly atOnce: string;
  readonly dripped: string;
  /** Takes the answer a byte at a time, too. */
  readonly sips?: boolean;
};

export type Crowd = AsyncDisposable & {
  /** Of how many has the server taken leave? */
  readonly left: number;
};

const dripMs = 100;

/** Opens so many of each kind, and resolves once all are connected; they go on until the crowd is disposed. */
export async function slowClients(url: URL, kinds: readonly SlowClient[], ofEach: number): Promise<Crowd> {
  const sockets: Socket[] = [];
  let left = 0;
  let isOver = false;
  const open = async (kind: SlowClient) => {
    const socket = kind.sips === true ? sipping(url) : connect(Number(url.port), url.hostname).resume();
    sockets.push(socket);
    socket
      .on('error', () => socket.destroy())
      .on('close', () => {
        if (!isOver) left += 1;
      });
    await once(socket, 'connect');
    socket.setNoDelay(true).write(kind.atOnce);
    return drip(socket, kind.dripped);
  };
  const drips = await Promise.all(kinds.flatMap((kind) => Array.from({ length: ofEach }, () => open(kind))));
  return {
    get left() {
      return left;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      for (const timer of drips) clearInterval(timer);
      const closed = sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function drip(socket: Socket, text: string): NodeJS.Timeout {
  let at = 0;
  return setInterval(() => {
    if (at < text.length) socket.write(text.charAt(at++));
    socket.resume();
  }, dripMs);
}

/** A buffer of one byte, and a rest after each. */
function sipping({ port, hostname }: URL): Socket {
  const onread = { buffer: Buffer.alloc(1), callback: () => false };
  return connect({ port: Number(port), host: hostname, onread });
}
