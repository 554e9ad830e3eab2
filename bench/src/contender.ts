/** Whatever can be measured: a tier, a peer, a floor. */
import type { Program } from './peers/program.ts';
import type { Command } from './processes/server-process.ts';

/** What a contender finds: a folder for its files, with `site/page.txt` in it, and the origin behind it. */
export type Place = { readonly folder: string; readonly originPort: number };

export type Contender = {
  readonly name: string;
  /** What has to be installed for it. */
  readonly program?: Program;
  /** With fewer processes than this it does not do what it was told to (1). */
  readonly leastProcesses?: number;
  /** Writes the files that it needs and says how it is started; `file` is the program's path, where there is one. */
  prepare(place: Place, file: string): Command | Promise<Command>;
};
