import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { HeavyHitters, type Hitter } from './heavy-hitters.ts';

export const measures = ['misses', 'hits', 'bytes'] as const;
export type Measure = (typeof measures)[number];

export type Top = { readonly by: Measure; readonly sinceSeconds: number; readonly urls: readonly TopUrl[] };
/** `count` may be too high by `over`. */
export type TopUrl = { readonly url: string; readonly count: number; readonly over: number };

const CAPACITY = 1000;
const LONGEST_URL = 500;
const WINDOW_MS = 3_600_000;

type Window = { readonly from: number } & { readonly [M in Measure]: HeavyHitters };

const words: Readonly<Record<string, Measure>> = { hit: 'hits', stale: 'hits', miss: 'misses', renewed: 'misses' };

/** The URLs asked for most, in this hour and the one before. Exact for a thousand URLs, close for any number of them. */
export class TopUrls {
  readonly #clock: () => number;
  #now: Window;
  #before: Window | undefined;

  /** `clock`: milliseconds since the epoch. */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#now = opened(clock());
  }

  /** One exchange is over. */
  count({ host, target, cache, bytes }: Pick<ExchangeRecord, 'host' | 'target' | 'cache' | 'bytes'>): void {
    this.#turn();
    const whole = host + target;
    const url = whole.length <= LONGEST_URL ? whole : `${whole.slice(0, LONGEST_URL)}…`;
    const measure = words[cache ?? ''];
    if (measure !== undefined) this.#now[measure].add(url, 1);
    if (bytes > 0) this.#now.bytes.add(url, bytes);
  }

  top(by: Measure, limit: number): Top {
    this.#turn();
    const sums = new Map<string, Hitter>();
    for (const window of [this.#now, this.#before]) {
      for (const hitter of window?.[by].top(CAPACITY) ?? []) {
        const { name, count, over } = hitter;
        const other = sums.get(name) ?? { count: 0, over: 0 };
        sums.set(name, { name, count: count + other.count, over: over + other.over });
      }
    }
    const sorted = [...sums.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    const urls = sorted.slice(0, limit).map(({ name, count, over }) => ({ url: name, count, over }));
    const from = (this.#before ?? this.#now).from;
    return { by, sinceSeconds: Math.max(0, Math.round((this.#clock() - from) / 1000)), urls };
  }

  #turn(): void {
    const now = this.#clock();
    const age = now - this.#now.from;
    if (age < WINDOW_MS) return;
    this.#before = age < 2 * WINDOW_MS ? this.#now : undefined;
    this.#now = opened(now);
  }
}

function opened(from: number): Window {
  const hitters = () => new HeavyHitters(CAPACITY);
  return { from, misses: hitters(), hits: hitters(), bytes: hitters() };
}
