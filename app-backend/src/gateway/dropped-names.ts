import type { Log } from '@trivet/kit/process/log.ts';

/** Each name of a field that is left out is logged once, up to this many: the names are the clients' to choose. */
const mostNames = 100;

/** Fields that were left out of environs. */
export class DroppedNames {
  readonly #log: Log;
  readonly #names = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(names: readonly string[]): void {
    for (const name of names) {
      if (this.#names.has(name) || this.#names.size >= mostNames) continue;
      this.#names.add(name);
      this.#log.warn(`the field ${name} was left out of the environ: its name has an underscore`);
    }
  }
}
