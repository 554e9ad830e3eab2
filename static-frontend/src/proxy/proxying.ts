/** What requests to upstreams share: how each route asks, and where bodies wait for their last byte. */
import { tmpdir } from 'node:os';
import type { BodyPlaces } from '@trivet/kit/http1/body/intake.ts';
import { Room } from '@trivet/kit/http1/body/room.ts';
import { TempFolder } from '@trivet/kit/http1/body/temp-folder.ts';
import { Encoders } from '@trivet/kit/http1/encoder.ts';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { FrontConfig } from '../../settings.ts';
import type { Asking } from '../route.ts';
import { type Defaults, type Plan, planOf } from './plan.ts';

export type ProxyingConfig = Pick<
  FrontConfig,
  'bodyLimit' | 'bodyMemory' | 'bodiesMemory' | 'bodiesDisk' | 'tempDir' | 'compress'
>;

/** What the names of folders for large bodies begin with. */
export const bodiesPrefix = 'trivet-front-bodies-';

export class Proxying implements AsyncDisposable {
  readonly places: BodyPlaces;
  readonly encoders = new Encoders();
  readonly #folder: TempFolder;
  readonly #defaults: Defaults;
  readonly #plans = new WeakMap<Asking, Plan>();

  /** `open` makes sure of the folder. */
  constructor({ bodyLimit, bodyMemory, bodiesMemory, bodiesDisk, compress }: ProxyingConfig, folder: TempFolder) {
    this.places = { most: bodyMemory, room: new Room(bodiesMemory), folder, disk: new Room(bodiesDisk) };
    this.#folder = folder;
    this.#defaults = { bodyLimit, compress };
  }

  /** Makes the folder for large bodies. @throws StartProblem where it cannot be made. */
  static async open(config: ProxyingConfig): Promise<Proxying> {
    const base = config.tempDir === '' ? tmpdir() : config.tempDir;
    try {
      return new Proxying(config, await TempFolder.open(base, bodiesPrefix));
    } catch (cause) {
      throw new StartProblem(
        `FRONT_TEMP_DIR: there can be no folder in ${base}: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    }
  }

  /** How a route asks. */
  planOf(ask: Asking): Plan {
    const known = this.#plans.get(ask);
    if (known !== undefined) return known;
    const plan = planOf(ask, this.#defaults);
    this.#plans.set(ask, plan);
    return plan;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
