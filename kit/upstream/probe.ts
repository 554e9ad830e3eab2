/** One question to a member, on a connection of its own: is it well? */
import { type IncomingMessage, request } from 'node:http';
import { type Address, formatAddress, socketName } from '../process/units.ts';
import type { ProbeOutcome } from './condition.ts';
import type { ProbeRule, SetTimer } from './options.ts';

export type Question = {
  /** A Unix socket or an IP address. */
  readonly endpoint: Address;
  /** As configured, for `Host`. */
  readonly address: Address;
  readonly rule: ProbeRule;
  readonly timer: SetTimer;
};

/** Most bytes of an answer that are waited for; its status has said enough by then. */
const enoughBytes = 64 * 1024;

/** Asks; `done` is called once, never after the disposal of what is returned. */
export function probe({ endpoint, address, rule, timer }: Question, done: (outcome: ProbeOutcome) => void): Disposable {
  const { path, status, timeoutMs } = rule;
  const asked = request({
    ...(endpoint.kind === 'unix'
      ? { socketPath: socketName(endpoint.path) }
      : { host: endpoint.host, port: endpoint.port }),
    path,
    headers: { host: rule.host ?? hostOf(address), connection: 'close' },
    agent: false,
  });
  let isOver = false;
  const late = timer(() => settle(false, `no whole answer in ${timeoutMs}ms`), timeoutMs);
  const end = () => {
    isOver = true;
    late[Symbol.dispose]();
    asked.destroy();
  };
  const settle = (isGood: boolean, why: string) => {
    if (isOver) return;
    end();
    done({ isGood, why });
  };
  asked.on('error', (error) => settle(false, error.message));
  asked.once('response', (answer) => {
    const { statusCode } = answer;
    const judge = () => settle(statusCode === status, statusText(statusCode, status));
    drain(answer, judge).once('close', () => settle(false, 'the answer broke off'));
  });
  asked.once('upgrade', (_answer, socket) => {
    socket.destroy();
    settle(false, 'status 101');
  });
  asked.end();
  return { [Symbol.dispose]: end };
}

function drain(answer: IncomingMessage, onEnough: () => void): IncomingMessage {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > enoughBytes) onEnough();
  });
  return answer.once('end', onEnough).on('error', () => answer.destroy());
}

function statusText(status: number | undefined, expected: number): string {
  return status === expected ? `status ${status}` : `status ${status}, not ${expected}`;
}

function hostOf(address: Address): string {
  if (address.kind === 'unix') return 'localhost';
  return address.port === 80 ? formatAddress(address).replace(/:80$/, '') : formatAddress(address);
}
