// Says the same bytes to a listener with a fast lane and to one without, and gives what came back, comparably.
import { setImmediate as turn } from 'node:timers/promises';
import { conversation } from './conversation.ts';
import { type LaneStand, type LaneStandOptions, laneStand } from './lane-stand.ts';

/** What one conversation came to: the bytes, and what the records say; clocks and ids are made equal. */
export type Told = {
  readonly text: string;
  /** As JSON, sorted: which of two is made first is nobody's promise. */
  readonly records: readonly string[];
  /** Bytes that came and are in no record. */
  readonly unaccounted: number;
};

export type BothWays = AsyncDisposable & {
  /** Sends the parts, each in a packet of its own, and reads until the server closes. `isCut`: ends our side behind them. */
  ask(parts: readonly Uint8Array[], isCut?: boolean): Promise<{ readonly fast: Told; readonly slow: Told }>;
};

export async function bothWays(options: LaneStandOptions = {}): Promise<BothWays> {
  const fast = await laneStand(options);
  const slow = await laneStand({ ...options, lane: 'off' });
  fast.gate.arrive();
  slow.gate.arrive();
  return {
    async ask(parts, isCut = false) {
      const [one, other] = await Promise.all([converse(fast, parts, isCut), converse(slow, parts, isCut)]);
      return { fast: one, slow: other };
    },
    async [Symbol.asyncDispose]() {
      await fast[Symbol.asyncDispose]();
      await slow[Symbol.asyncDispose]();
    },
  };
}

async function converse(stand: LaneStand, parts: readonly Uint8Array[], isCut: boolean): Promise<Told> {
  const text = await conversation(stand.port, parts, isCut);
  while (stand.listener.connections() > 0) await turn();
  await turn();
  const records = stand.records.splice(0);
  const unaccounted = records.reduce((rest, { bytes }) => rest - bytes, text.length);
  return { text: comparable(text), records: records.map(comparableRecord).sort(), unaccounted };
}

/** The text with its clocks and ids made equal to those of any other. */
export function comparable(text: string): string {
  return text
    .replace(/^Date: .*\r$/gim, 'Date: (now)\r')
    .replace(/\b[0-9a-f]{32}\b/g, '(id)')
    .replace(/dur=[\d.]+/g, 'dur=(ms)');
}

// How many bytes an error page has depends on how long its `Server-Timing` is.
function comparableRecord({ id, ms: _ms, bytes, fault, ...record }: LaneStand['records'][number]): string {
  const { reason = '', message = '' } = fault ?? {};
  return JSON.stringify({
    ...record,
    bytes: fault === undefined && bytes,
    id: comparable(id),
    fault: `${reason} ${message}`,
  });
}
