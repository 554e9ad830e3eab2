/** The memory for hot files: no more than its limit, and what may still answer does not make room for what is new. */
import { Bodies } from './bodies.ts';
import { type Found, HotPath } from './hot-path.ts';

export class HotShelf {
  readonly #maxBytes: number;
  /** Those whose last look at the disk is longest ago come first. */
  readonly #paths = new Map<string, HotPath>();
  readonly #bodies = new Bodies();
  #weight = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#paths.size;
  }

  /** Memory in use. */
  get bytes(): number {
    return this.#weight + this.#bodies.bytes;
  }

  get(path: string): HotPath | undefined {
    return this.#paths.get(path);
  }

  /** Bytes that are here already under another path. */
  body(key: string): Buffer | undefined {
    return this.#bodies.get(key);
  }

  /** The disk was looked at, and nothing has changed. */
  renew(hot: HotPath, at: number): void {
    hot.seenAt = at;
    this.#paths.delete(hot.path);
    this.#paths.set(hot.path, hot);
  }

  /** Keeps what was found for a path, if there is room; what was last looked at before `since` makes room. */
  keep(path: string, found: Found, since: number): void {
    const before = this.#paths.get(path);
    if (before !== undefined && !before.agreesWith(found)) this.drop(before);
    const hot = this.#paths.get(path) ?? new HotPath(path, found);
    const weightBefore = this.#paths.has(path) ? hot.weight : 0;
    if (hot.add(found)) this.#bodies.hold(found.file.key, found.file.body);
    this.#weight += hot.weight - weightBefore;
    this.#paths.set(path, hot);
    if (!this.#makeRoom(since)) this.drop(hot);
  }

  drop(hot: HotPath): void {
    if (!this.#paths.delete(hot.path)) return;
    this.#weight -= hot.weight;
    for (const { key } of hot.files()) this.#bodies.release(key);
  }

  #makeRoom(since: number): boolean {
    for (const hot of this.#paths.values()) {
      if (this.bytes <= this.#maxBytes) return true;
      if (hot.seenAt > since) return false;
      this.drop(hot);
    }
    return this.bytes <= this.#maxBytes;
  }
}
