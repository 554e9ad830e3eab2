/** Clients that ask without a pause while a server is stopped, and what became of each connection and request. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * `whole`: answered; `refused`: not connected; `untouched`: asked on, and closed without a byte of an answer; `cut`: closed
 * within an answer; `odd`: answered otherwise than with 200; `left`: a kept connection that was closed before more was asked.
 */
export type Ends = Record<'whole' | 'refused' | 'untouched' | 'cut' | 'odd' | 'left', number>;

export type StopLoad = {
  readonly ends: Ends;
  /** Of answers: those that say that they are the last on their connection. */
  readonly last: () => number;
  /** The longest that the clients themselves stood still, milliseconds: the machine, or their process, was busy with others. */
  readonly stoodStillMs: () => number;
  /** Resolves once nobody is let in any more; `ends` is final then. */
  readonly over: Promise<void>;
};

type Clients = {
  /** That open a connection for each request. */
  readonly fresh: number;
  /** That keep theirs, and ask again at once. */
  readonly kept: number;
  readonly target?: string;
};

/** Asks until each is refused. */
export function stopLoad(where: NetConnectOpts, { fresh, kept, target = '/' }: Clients): StopLoad {
  const ends: Ends = { whole: 0, refused: 0, untouched: 0, cut: 0, odd: 0, left: 0 };
  let last = 0;
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  /** Asks on one connection, as often as that goes. */
  const converse = async (connection: Asked, keeps: boolean) => {
    for (;;) {
      const { end, isLast } = await connection.ask(target, keeps);
      ends[end] += 1;
      if (isLast && end === 'whole') last += 1;
      if (isLast || end !== 'whole') return;
    }
  };
  const client = async (keeps: boolean) => {
    for (;;) {
      const connection = await opened(where);
      if (connection === undefined) break;
      await converse(connection, keeps);
      connection.socket.destroy();
    }
    ends.refused += 1;
  };
  const clients = [
    ...Array.from({ length: fresh }, () => client(false)),
    ...Array.from({ length: kept }, () => client(true)),
  ];
  return {
    ends,
    last: () => last,
    stoodStillMs: () => delays.max / 1e6,
    over: Promise.all(clients).then(() => void delays.disable()),
  };
}

type Answer = { readonly end: keyof Ends; readonly isLast: boolean };

type Asked = { readonly socket: Socket; ask(target: string, keeps: boolean): Promise<Answer> };

async function opened(where: NetConnectOpts): Promise<Asked | undefined> {
  const socket = connect(where);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  if (!(await promise)) return undefined;
  return { socket, ask: (target, keeps) => ask(socket, target, keeps) };
}

function ask(socket: Socket, target: string, keeps: boolean): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let received = '';
  const finish = (answer: Answer) => {
    socket.off('data', onData).off('close', onClose);
    resolve(answer);
  };
  const onData = (chunk: Buffer) => {
    received += chunk.toString('latin1');
    const whole = wholeOf(received);
    if (whole !== undefined) finish(whole);
  };
  const onClose = () => finish({ end: received === '' ? 'untouched' : 'cut', isLast: true });
  // Between its last answer and this: nothing was sent on it yet.
  if (socket.destroyed || socket.readableEnded) return Promise.resolve({ end: 'left', isLast: true });
  socket.on('data', onData).on('close', onClose);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${keeps ? '' : 'Connection: close\r\n'}\r\n`);
  return promise;
}

function wholeOf(received: string): Answer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  const body = received.slice(headEnd + 4);
  const isWhole = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
  if (!isWhole) return undefined;
  return { end: head.startsWith('HTTP/1.1 200') ? 'whole' : 'odd', isLast: /^connection: close$/im.test(head) };
}
