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
    const window = this.#turned(this.#clock());
    const url = shortened(host + target);
    const measure = words[cache ?? ''];
    if (measure !== undefined) window[measure].add(url, 1);
    if (bytes > 0) window.bytes.add(url, bytes);
  }

  /**
   * The same for a hit of which there is no record. `url`: host and target as in a record, and best always the same string
   * for the same URL; `now`: milliseconds since the epoch. Allocates nothing for a URL that is known.
   */
  hit(url: string, bytes: number, now: number): void {
    const window = this.#turned(now);
    const name = shortened(url);
    window.hits.add(name, 1);
    if (bytes > 0) window.bytes.add(name, bytes);
  }

  top(by: Measure, limit: number): Top {
    this.#turned(this.#clock());
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

  #turned(now: number): Window {
    const age = now - this.#now.from;
    if (age < WINDOW_MS) return this.#now;
    this.#before = age < 2 * WINDOW_MS ? this.#now : undefined;
    this.#now = opened(now);
    return this.#now;
  }
}

function shortened(url: string): string {
  return url.length <= LONGEST_URL ? url : `${url.slice(0, LONGEST_URL)}…`;
}

function opened(from: number): Window {
  const hitters = () => new HeavyHitters(CAPACITY);
  return { from, misses: hitters(), hits: hitters(), bytes: hitters() };
}
